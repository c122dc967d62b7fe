/* Facets of a topic and their meetings (classifier/concepts.py is the text to read). */
#ifndef SPILLWAY_CONCEPTS_H
#define SPILLWAY_CONCEPTS_H

#include "sum.h"

enum { MOST_FACETS = 20, IN_SENTENCE = 0, IN_HEADLINE, IN_TEXT, SCOPES };
enum { SMALL_LETTERS, CAPITALS, EITHER }; /* what a word of a phrase must be written in */
#define ACRONYM_MARK 1 /* the byte before an acronym in the trie, where acronyms are told from other words */

/* The stems as a trie: node by node, the children of one side by side. classifier/tables.py makes it. */
typedef struct {
    const uint8_t *label;          /* of each node, the byte that leads to it */
    const uint32_t *children;      /* of each node, its first child; the next node's is the end */
    const uint16_t *entry;         /* of each node, what ends there; 0: nothing */
    const uint32_t *begins;        /* of each entry, the facets of stems that end there, a bit for each */
    const uint32_t *exactly;       /* the same, of words that must end there */
    const uint32_t *phrases;       /* of each entry, its first phrase; the next one's is the end */
    const uint8_t *phrase_facet;
    const uint8_t *phrase_exact;   /* of each phrase, whether its first word must end there */
    const uint32_t *parts;         /* of each phrase, the first of its further words; the next one's is the end */
    const uint32_t *part_letters;  /* of each further word, its first letter; the next one's is the end */
    const uint8_t *part_exact, *part_case;
    const uint8_t *letters;
    const uint64_t *four, *two;    /* bits: whether any stem begins with these four bytes; of short stems, with these two */
    uint32_t n_facets, core;
    const int16_t *meet[SCOPES];   /* the feature of a facet; of two; of three: -1 where the model has none */
    const int16_t *without, *over; /* of two facets */
    const double *weights;         /* of each feature, for topic and for passage */
    size_t n_features;
} Concepts;

static inline int may_begin(const Concepts *c, const uint8_t *p, size_t n)
{
    uint32_t four = (uint32_t)(load64(p) & FIRST_BYTES[n < 4 ? n : 4][0]);
    uint32_t a = four * 0x9E3779B1u >> 17, b = (four & 0xFFFF) * 0x9E3779B1u >> 21;
    return (int)((c->four[a / 64] >> a % 64 | c->two[b / 64] >> b % 64) & 1);
}

static inline uint32_t child_of(const Concepts *c, uint32_t node, uint8_t label)
{
    for (uint32_t child = c->children[node]; child < c->children[node + 1]; child++)
        if (c->label[child] == label)
            return child;
    return 0;
}

static inline int is_acronym_word(const Scratch *s, size_t word)
{
    size_t low = 0, high = s->n_acronyms;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->acronym[middle] < word)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->n_acronyms && s->acronym[low] == word;
}

/* Whether the words from `word` on, before `end`, are the further words of a phrase. */
static int follows(const Concepts *c, const Scratch *s, uint32_t phrase, size_t word, size_t end)
{
    uint32_t first = c->parts[phrase], last = c->parts[phrase + 1];
    if (end - word < last - first)
        return 0;
    for (uint32_t part = first; part < last; part++, word++) {
        size_t size = c->part_letters[part + 1] - c->part_letters[part], length = s->end[word] - s->start[word];
        if (length < size || (c->part_exact[part] && length != size) || memcmp(s->low + s->start[word], c->letters + c->part_letters[part], size))
            return 0;
        if (c->part_case[part] != EITHER && (c->part_case[part] == CAPITALS) != is_acronym_word(s, word))
            return 0;
    }
    return 1;
}

/* Whether the second word of a phrase begins with a letter: of the phrases of one first word ("IT" has some 50) few do. */
static inline int goes_on_with(const Concepts *c, uint32_t phrase, int letter)
{
    return c->letters[c->part_letters[c->parts[phrase]]] == letter;
}

/* The facets that a word meets, in a sentence that ends before the word `end`. */
static uint32_t facets_of(const Concepts *c, const Scratch *s, size_t word, size_t end)
{
    const uint8_t *letters = s->low + s->start[word];
    size_t n = s->end[word] - s->start[word];
    uint32_t found = 0, node = is_acronym_word(s, word) ? child_of(c, 0, ACRONYM_MARK) : 0;
    if (node == 0 && is_acronym_word(s, word))
        return 0;
    int next = word + 1 < end ? s->low[s->start[word + 1]] : -1;
    for (size_t i = 0; i < n && (node = child_of(c, node, letters[i])) != 0; i++) {
        uint32_t entry = c->entry[node];
        int is_whole = i + 1 == n;
        found |= c->begins[entry] | (is_whole ? c->exactly[entry] : 0);
        for (uint32_t phrase = c->phrases[entry]; phrase < c->phrases[entry + 1]; phrase++)
            if (goes_on_with(c, phrase, next) && (is_whole || !c->phrase_exact[phrase]) && follows(c, s, phrase, word + 1, end))
                found |= (uint32_t)1 << c->phrase_facet[phrase];
    }
    return found;
}

/* Fills s->met. sentence: first words of the sentences, and the end. */
static void meet_facets(const Concepts *c, Scratch *s, const uint32_t *sentence)
{
    uint32_t candidate[BATCH];
    s->n_met = 0;
    for (size_t first = 0; first < s->n_words; first += BATCH) {
        size_t n = batch(s->n_words, first), n_candidates = 0;
        for (size_t i = 0; i < n; i++) {
            candidate[n_candidates] = (uint32_t)(first + i);
            n_candidates += (size_t)may_begin(c, s->low + s->start[first + i], s->end[first + i] - s->start[first + i]);
        }
        for (size_t i = 0; i < n_candidates; i++) {
            while (sentence[1] <= candidate[i])
                sentence++;
            uint32_t facets = facets_of(c, s, candidate[i], sentence[1]);
            s->met[s->n_met] = (Met){candidate[i], facets};
            s->n_met += facets != 0;
        }
    }
}

/* Meetings as they are counted. */
typedef struct {
    const Concepts *c;
    uint32_t *count, *distinct;
    size_t n_distinct;
    uint32_t total[MOST_FACETS];
} Meetings;

static inline void add_meeting(Meetings *m, int feature)
{
    if (feature < 0)
        return;
    m->distinct[m->n_distinct] = (uint32_t)feature;
    m->n_distinct += m->count[feature]++ == 0;
}

/* Each facet, each two, each three core ones, in the order of their names. */
static void add_meetings(Meetings *m, uint32_t facets, int scope)
{
    const int16_t *single = m->c->meet[scope], *pair = single + m->c->n_facets, *triple = pair + m->c->n_facets * m->c->n_facets;
    uint32_t n = m->c->n_facets, core = facets & m->c->core;
    for (uint32_t left = facets; left; left &= left - 1)
        add_meeting(m, single[lowest(left)]);
    for (uint32_t left = facets; left; left &= left - 1)
        for (uint32_t right = left & (left - 1); right; right &= right - 1)
            add_meeting(m, pair[(uint32_t)lowest(left) * n + (uint32_t)lowest(right)]);
    for (uint32_t left = core; left; left &= left - 1)
        for (uint32_t middle = left & (left - 1); middle; middle &= middle - 1)
            for (uint32_t right = middle & (middle - 1); right; right &= right - 1)
                add_meeting(m, triple[((uint32_t)lowest(left) * n + (uint32_t)lowest(middle)) * n + (uint32_t)lowest(right)]);
}

/* A run of words and of what was found in it, each from its first on and before its last. sentence: first words, rising, and an end. */
typedef struct {
    size_t word[2], met[2], hit[KINDS][2];
    const uint32_t *sentence;
} Run;

/* The concept features of runs, each of which begins a sentence: what they add to topic and passage. */
static void add_concepts(const Linear *linear, const Concepts *c, Scratch *s, const Run *runs, size_t n_runs, double added[2])
{
    Meetings m = {c, s->concept_count, s->concept_distinct, 0, {0}};
    uint32_t headline = 0, all = 0;
    int is_headline = 1;
    for (size_t r = 0; r < n_runs; r++) {
        const uint32_t *sentence = runs[r].sentence;
        for (size_t i = runs[r].met[0]; i < runs[r].met[1];) {
            uint32_t here = 0;
            while (sentence[1] <= s->met[i].word)
                sentence++;
            int is_first = is_headline && *sentence <= runs[r].word[0];
            for (; i < runs[r].met[1] && s->met[i].word < sentence[1]; i++) {
                here |= s->met[i].facets;
                for (uint32_t left = s->met[i].facets; left; left &= left - 1)
                    m.total[lowest(left)]++;
            }
            add_meetings(&m, here, IN_SENTENCE);
            headline |= is_first ? here : 0;
            all |= here;
        }
        is_headline &= runs[r].word[0] == runs[r].word[1];
    }
    add_meetings(&m, headline, IN_HEADLINE);
    add_meetings(&m, all, IN_TEXT);
    for (uint32_t left = all; left; left &= left - 1) {
        uint32_t more = (uint32_t)lowest(left);
        for (uint32_t less = 0; less < c->n_facets; less++) {
            if (m.total[less] == 0)
                add_meeting(&m, c->without[more * c->n_facets + less]);
            else if (m.total[more] > m.total[less])
                add_meeting(&m, c->over[more * c->n_facets + less]);
        }
    }
    added[0] = added[1] = 0.0;
    for (size_t i = 0; i < m.n_distinct; i++) {
        uint32_t feature = m.distinct[i];
        double value = value_of(linear, m.count[feature]);
        m.count[feature] = 0;
        added[0] += value * c->weights[2 * feature];
        added[1] += value * c->weights[2 * feature + 1];
    }
}
#endif
