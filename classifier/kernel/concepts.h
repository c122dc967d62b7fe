/* Facets of a topic and their meetings (classifier/concepts.py is the text to read). */
#ifndef SPILLWAY_CONCEPTS_H
#define SPILLWAY_CONCEPTS_H

#include "sum.h"

enum { MOST_FACETS = 20, IN_SENTENCE = 0, IN_HEADLINE, IN_TEXT, SCOPES };
enum { SMALL_LETTERS, CAPITALS, EITHER }; /* what a word of a phrase must be written in */
#define ACRONYM_MARK 1 /* the byte before an acronym in the trie, where acronyms are told from other words */

#define BEGINS_PHRASE ((uint32_t)1 << 31)

/* The lexicon: what known words meet, and a trie of the stems for all others. classifier/tables.py makes it. */
typedef struct {
    const uint32_t *of_row;        /* of each row of the table that is a word, its facets, and BEGINS_PHRASE */
    const uint32_t *base, *check;  /* the child of a node by a byte is at base + byte, if check there is the node */
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
    const uint64_t *first_bytes;   /* bits: whether a stem begins with these four bytes, or is these three with a 1 behind them, or two with a 2 */
    uint32_t n_facets, core;
    const int16_t *meet[SCOPES];   /* the feature of a facet; of two; of three: -1 where the model has none */
    const int16_t *without, *over; /* of two facets */
    const double *weights;         /* of each feature, for topic and for passage */
    size_t n_features;
} Concepts;

static inline uint32_t first_bytes_bit(uint32_t bytes)
{
    return bytes * 0x9E3779B1u >> 17;
}

/* Whether it is worth a walk: no for three words in four. */
static inline int may_begin(const Concepts *c, const uint8_t *p, size_t n)
{
    uint32_t four = (uint32_t)(load64(p) & FIRST_BYTES[n < 4 ? n : 4][0]);
    uint32_t a = first_bytes_bit(four), b = first_bytes_bit((four & 0xFFFFFF) | 0x01000000), d = first_bytes_bit((four & 0xFFFF) | 0x02000000);
    return (int)((c->first_bytes[a / 64] >> a % 64 | c->first_bytes[b / 64] >> b % 64 | c->first_bytes[d / 64] >> d % 64) & 1);
}

/* The child of a node, or 0. */
static inline uint32_t child_of(const Concepts *c, uint32_t node, uint8_t label)
{
    uint32_t child = c->base[node] + label;
    return c->check[child] == node ? child : 0;
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

/* Notes for facets that n words meet, if that is asked for. */
static inline void note_words(uint32_t *n_words, uint32_t facets, uint32_t n)
{
    for (; n_words != NULL && facets; facets &= facets - 1)
        if (n_words[lowest(facets)] < n)
            n_words[lowest(facets)] = n;
}

/* The facets that a word meets, in a sentence that ends before the word `end`. n_words: of each facet, in which the number of words that
   stand for it is noted where it is met, those of the longest phrase; or NULL. */
static inline __attribute__((always_inline)) uint32_t facets_of(const Concepts *c, const Scratch *s, size_t word, int is_acronym, size_t end,
                                                                uint32_t *n_words)
{
    const uint8_t *letter = s->low + s->start[word], *last = s->low + s->end[word];
    uint32_t found = 0, node = is_acronym ? child_of(c, 0, ACRONYM_MARK) : 0;
    if (is_acronym && node == 0)
        return 0;
    int next = word + 1 < end ? s->low[s->start[word + 1]] : -1;
    while (letter < last && (node = child_of(c, node, *letter++)) != 0) {
        uint32_t entry = c->entry[node];
        if (entry == 0)
            continue;
        int is_whole = letter == last;
        uint32_t alone = c->begins[entry] | (is_whole ? c->exactly[entry] : 0);
        found |= alone;
        note_words(n_words, alone, 1);
        for (uint32_t phrase = c->phrases[entry]; phrase < c->phrases[entry + 1]; phrase++)
            if (goes_on_with(c, phrase, next) && (is_whole || !c->phrase_exact[phrase]) && follows(c, s, phrase, word + 1, end)) {
                uint32_t facet = (uint32_t)1 << c->phrase_facet[phrase];
                found |= facet;
                note_words(n_words, facet, 1 + c->parts[phrase + 1] - c->parts[phrase]);
            }
    }
    return found;
}

/* How far a text has come: its next sentence, of which the first words are given, and its next acronym. */
typedef struct {
    const uint32_t *sentence;
    size_t acronym;
} Progress;

static inline void meet(const Concepts *c, Scratch *s, size_t word, Progress *at)
{
    while (at->sentence[1] <= word)
        at->sentence++;
    while (at->acronym < s->n_acronyms && s->acronym[at->acronym] < word)
        at->acronym++;
    int is_acronym = at->acronym < s->n_acronyms && s->acronym[at->acronym] == word;
    uint32_t facets = facets_of(c, s, word, is_acronym, at->sentence[1], NULL);
    s->met[s->n_met] = (Met){(uint32_t)word, facets};
    s->n_met += facets != 0;
}

/* Fills s->met. Of known words it is known what they meet, unless a phrase may begin there (which saves a third of the time). sentence: first words of
   the sentences, and the end. */
static void meet_facets(const Concepts *c, Scratch *s, const uint32_t *sentence)
{
    const Hits *known = &s->hits[WORDS];
    Progress at = {sentence, 0};
    size_t word = 0;
    s->n_met = 0;
    for (size_t hit = 0; hit <= known->n; hit++, word++) {
        size_t next = hit < known->n ? known->word[hit] : s->n_words;
        for (; word < next; word++)
            if (may_begin(c, s->low + s->start[word], s->end[word] - s->start[word]))
                meet(c, s, word, &at);
        uint32_t facets = hit < known->n ? c->of_row[known->row[hit]] : 0;
        if (facets & BEGINS_PHRASE)
            meet(c, s, word, &at);
        else if (facets)
            s->met[s->n_met++] = (Met){(uint32_t)word, facets};
    }
}

/* Of each facet, how many words stand for it where the word `word` meets it, else 0. */
static void count_words(const Concepts *c, const Scratch *s, size_t word, size_t end, uint32_t n_words[MOST_FACETS])
{
    memset(n_words, 0, MOST_FACETS * sizeof *n_words);
    facets_of(c, s, word, is_acronym_word(s, word), end, n_words);
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
