/* A text read, and the margins of it or of runs of its words. */
#ifndef SPILLWAY_SCORE_H
#define SPILLWAY_SCORE_H

#include "concepts.h"

/* All that is known of a model; nothing in it changes. */
typedef struct {
    Reader reader;
    Seeds seeds;
    Linear linear;
    Concepts concepts;
    Mark mark;
    int has_pairs, has_stems, has_concepts;
} Scorer;

typedef struct {
    double margins[MOST_MARGINS];
    size_t known, words;
} Evidence;

/* The words of a text and their features; facets are met later, as that hangs on which sentences are asked about. */
static int read_text(const Scorer *scorer, const Text *text, Scratch *s)
{
    int outcome = read_words(&scorer->reader, scorer->mark, text, s);
    if (outcome != DONE)
        return outcome;
    word_keys(&scorer->seeds, s);
    find_words(&scorer->linear.table, s);
    s->hits[MORE_WORDS].n = s->hits[STEMS].n = s->n_met = 0;
    if (scorer->has_pairs)
        find_pairs(&scorer->linear.table, &scorer->seeds, s);
    if (scorer->has_stems)
        find_stems(&scorer->linear.table, &scorer->seeds, scorer->reader.stem_length, s);
    return DONE;
}

/* The evidence of runs taken as one text: kind by kind, in the order in which features first occur. */
static Evidence weigh(const Scorer *scorer, Scratch *s, const Run *runs, size_t n_runs)
{
    Evidence e = {{0.0, 0.0, 0.0}, 0, 0};
    Sums sums = {0.0, {0.0, 0.0, 0.0}};
    double concepts[2] = {0.0, 0.0};
    size_t n = 0;
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t r = 0; r < n_runs; r++) {
            size_t first = runs[r].hit[kind][0], last = runs[r].hit[kind][1];
            n = count_rows(&scorer->linear, s->hits[kind].row + first, last - first, s->count, s->distinct, n);
        }
    for (size_t r = 0; r < n_runs; r++) {
        e.known += runs[r].hit[WORDS][1] - runs[r].hit[WORDS][0];
        e.words += runs[r].word[1] - runs[r].word[0];
    }
    add_terms(&scorer->linear, s->count, s->distinct, n, &sums);
    if (scorer->has_concepts)
        add_concepts(&scorer->linear, &scorer->concepts, s, runs, n_runs, concepts);
    double norm = norm_of(&scorer->linear, &sums);
    for (int m = 0; m < scorer->linear.n_margins; m++)
        e.margins[m] = m < 2 && scorer->has_concepts ? sums.margins[m] / norm + concepts[m] + scorer->linear.bias[m]
                                                     : sums.margins[m] / norm + scorer->linear.bias[m];
    return e;
}

/* The evidence of a text that was read taken as one document, once facets were met within its own sentences. */
static Evidence weigh_all(const Scorer *scorer, Scratch *s)
{
    Run all = {{0, s->n_words}, {0, s->n_met}, {{0, s->hits[0].n}, {0, s->hits[1].n}, {0, s->hits[2].n}}, s->sentence};
    return weigh(scorer, s, &all, 1);
}

static int score_text(const Scorer *scorer, const Text *text, Scratch *s, Evidence *e)
{
    int outcome = read_text(scorer, text, s);
    if (outcome != DONE)
        return outcome;
    if (scorer->has_concepts)
        meet_facets(&scorer->concepts, s, s->sentence);
    *e = weigh_all(scorer, s);
    return DONE;
}
#endif
