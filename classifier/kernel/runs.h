/* Where the words of a text stand, and which words, sentences and features are those of its passages. */
#ifndef SPILLWAY_RUNS_H
#define SPILLWAY_RUNS_H

#include "score.h"

/* Code points [start, end) of a text. */
typedef struct {
    size_t start, end;
} Place;

/* The code point that a word begins with. */
static inline size_t start_of(const Scratch *s, const Text *text, size_t word)
{
    if (text->is_ascii)
        return s->start[word];
    return s->origin[s->wide ? s->from[word] : s->start[word]];
}

/* Where a word stands; what vanishes behind it belongs to it. */
static Place place_of(const Scratch *s, const Text *text, size_t word)
{
    if (text->is_ascii)
        return (Place){s->start[word], s->end[word]};
    size_t end = s->wide ? s->to[word] : s->end[word];
    size_t last = s->origin[end - 1] + 1, behind = end < s->n_bytes ? s->origin[end] : text->n;
    return (Place){start_of(s, text, word), behind > last ? behind : last};
}

/* The words that begin in each of n passages, which are in order and apart. */
static void find_words_of(const Scratch *s, const Text *text, const Place *passages, size_t n, Run *runs)
{
    size_t word = 0;
    for (size_t i = 0; i < n; i++) {
        while (word < s->n_words && start_of(s, text, word) < passages[i].start)
            word++;
        runs[i].word[0] = word;
        while (word < s->n_words && start_of(s, text, word) < passages[i].end)
            word++;
        runs[i].word[1] = word;
    }
}

static inline size_t add_break(Scratch *s, size_t n, size_t word)
{
    s->breaks[n] = (uint32_t)word;
    return n + (n == 0 || s->breaks[n - 1] != word);
}

/* Fills s->breaks with the first words of sentences, none of which goes from one passage to another; gives back how many. */
static size_t find_sentences_of(Scratch *s, Run *runs, size_t n_runs)
{
    size_t n = 0, sentence = 0;
    for (size_t edge = 0; edge <= 2 * n_runs; edge++) {
        size_t word = edge < 2 * n_runs ? runs[edge / 2].word[edge % 2] : s->n_words;
        for (; sentence < s->n_sentences && s->sentence[sentence] < word; sentence++)
            n = add_break(s, n, s->sentence[sentence]);
        n = word < s->n_words ? add_break(s, n, word) : n;
        if (edge < 2 * n_runs && edge % 2 == 0)
            runs[edge / 2].sentence = s->breaks + (word < s->n_words ? n - 1 : n);
    }
    s->breaks[n] = (uint32_t)s->n_words;
    return n;
}

/* Which of the features are each passage's; one of two words is, if both are. */
static void find_features_of(const Scratch *s, Run *runs, size_t n_runs)
{
    for (int kind = 0; kind < KINDS; kind++) {
        const uint32_t *word = s->hits[kind].word;
        size_t n = s->hits[kind].n, at = 0;
        for (size_t i = 0; i < n_runs; i++) {
            size_t first = runs[i].word[0], end = runs[i].word[1] - (kind == MORE_WORDS && runs[i].word[1] > first);
            while (at < n && word[at] < first)
                at++;
            runs[i].hit[kind][0] = at;
            while (at < n && word[at] < end)
                at++;
            runs[i].hit[kind][1] = at;
        }
    }
}

/* Which of the words that meet facets are each passage's. */
static void find_met_of(const Scratch *s, Run *runs, size_t n_runs)
{
    size_t at = 0;
    for (size_t i = 0; i < n_runs; i++) {
        while (at < s->n_met && s->met[at].word < runs[i].word[0])
            at++;
        runs[i].met[0] = at;
        while (at < s->n_met && s->met[at].word < runs[i].word[1])
            at++;
        runs[i].met[1] = at;
    }
}

/* Reads a text and what of it is each of n passages'. is_cut: whether one of them begins or ends within a sentence, so that facets were
   met in s->breaks, which are not the text's own sentences. */
static int read_passages(const Scorer *scorer, const Text *text, Scratch *s, const Place *passages, size_t n, Run *runs, int *is_cut)
{
    int outcome = read_text(scorer, text, s);
    if (outcome != DONE)
        return outcome;
    find_words_of(s, text, passages, n, runs);
    *is_cut = find_sentences_of(s, runs, n) != s->n_sentences;
    if (scorer->has_concepts)
        meet_facets(&scorer->concepts, s, s->breaks);
    find_features_of(s, runs, n);
    find_met_of(s, runs, n);
    return DONE;
}
#endif
