/* The tables of a model from the bytes that classifier/tables.py packs; nothing is believed that a look-up relies on. */
#ifndef SPILLWAY_UNPACK_H
#define SPILLWAY_UNPACK_H

#include "score.h"

enum {
    SLOTS, PILOTS, FEATURES, OF_ROW, BASE, CHECK, ENTRY, BEGINS, EXACTLY, PHRASES, PHRASE_FACET, PHRASE_EXACT, PARTS, PART_LETTERS,
    PART_EXACT, PART_CASE, LETTERS, FIRST, FACETS, MEET, AGAINST, WEIGHTS, ARRAYS
};
static const uint8_t WIDTHS[ARRAYS] = {8, 2, 4, 4, 4, 4, 2, 4, 4, 4, 1, 1, 4, 4, 1, 1, 1, 8, 4, 2, 2, 8};

/* Numbers that rise, each by `least` or more, from 0 to `last` at the end. */
static int rises(const uint32_t *numbers, size_t n, uint32_t least, size_t last)
{
    for (size_t i = 1; i < n; i++)
        if (numbers[i] < numbers[i - 1] || numbers[i] - numbers[i - 1] < least)
            return 0;
    return n > 0 && numbers[0] == 0 && numbers[n - 1] == last;
}

static int all_below(const uint32_t *numbers, size_t n, uint64_t limit)
{
    for (size_t i = 0; i < n; i++)
        if (numbers[i] >= limit)
            return 0;
    return 1;
}

static int all_features(const int16_t *numbers, size_t n, size_t limit)
{
    for (size_t i = 0; i < n; i++)
        if (numbers[i] < -1 || (numbers[i] >= 0 && (size_t)numbers[i] >= limit))
            return 0;
    return 1;
}

/* What is wrong with the table of n_features, or NULL. */
static const char *unpack_table(const uint8_t *const *array, const size_t *n, size_t n_features, Table *t)
{
    t->slot = (const uint64_t *)(const void *)array[SLOTS];
    t->pilot = (const uint16_t *)(const void *)array[PILOTS];
    size_t slots = n[SLOTS];
    if (slots < 64 || slots > (size_t)1 << 26 || slots & (slots - 1) || n[PILOTS] != slots / 8)
        return "slots and pilots: expected a power of two from 64, and an eighth of it";
    if (n_features == 0 || n_features >= slots || n[FEATURES] != n_features)
        return "rows: expected one for each feature, and fewer than slots";
    t->mask = (uint32_t)(slots - 1);
    t->shift = 64 - lowest(slots / 8);
    for (size_t i = 0; i < slots; i++)
        if ((t->slot[i] & t->mask) > n_features)
            return "slots: expected numbers of rows";
    if (!all_below((const uint32_t *)(const void *)array[FEATURES], n_features, n_features))
        return "features: expected numbers of features";
    return NULL;
}

/* What is wrong with the trie and the meetings, or NULL. */
static const char *unpack_concepts(const uint8_t *const *array, const size_t *n, size_t n_features, Concepts *c)
{
    size_t nodes = n[BASE], entries = n[BEGINS], phrases = n[PHRASE_FACET], parts = n[PART_CASE];
    *c = (Concepts){
        .of_row = (const uint32_t *)(const void *)array[OF_ROW],
        .base = (const uint32_t *)(const void *)array[BASE],
        .check = (const uint32_t *)(const void *)array[CHECK],
        .entry = (const uint16_t *)(const void *)array[ENTRY],
        .begins = (const uint32_t *)(const void *)array[BEGINS],
        .exactly = (const uint32_t *)(const void *)array[EXACTLY],
        .phrases = (const uint32_t *)(const void *)array[PHRASES],
        .phrase_facet = array[PHRASE_FACET],
        .phrase_exact = array[PHRASE_EXACT],
        .parts = (const uint32_t *)(const void *)array[PARTS],
        .part_letters = (const uint32_t *)(const void *)array[PART_LETTERS],
        .part_exact = array[PART_EXACT],
        .part_case = array[PART_CASE],
        .letters = array[LETTERS],
        .first_bytes = (const uint64_t *)(const void *)array[FIRST],
        .weights = (const double *)(const void *)array[WEIGHTS],
        .n_features = n[WEIGHTS] / 2,
    };
    if (n[FACETS] != 2)
        return "facets: expected their number and the core ones";
    const uint32_t *facets = (const uint32_t *)(const void *)array[FACETS];
    size_t f = c->n_facets = facets[0];
    c->core = facets[1];
    if (f > MOST_FACETS || c->core >> f)
        return "facets: expected at most 20";
    if (n[OF_ROW] != n_features + 1)
        return "facets of words: expected them for each row";
    for (size_t i = 0; i < n[OF_ROW]; i++)
        if ((c->of_row[i] & ~BEGINS_PHRASE) >> f)
            return "facets of words: expected known ones";
    if (nodes < 256 || n[CHECK] != nodes || n[ENTRY] != nodes || !all_below(c->base, nodes, nodes - 255))
        return "nodes: expected base, check and entry for each";
    for (size_t i = 0; i < nodes; i++)
        if (c->entry[i] >= entries)
            return "nodes: expected known entries";
    if (entries == 0 || n[EXACTLY] != entries || n[PHRASES] != entries + 1 || !rises(c->phrases, n[PHRASES], 0, phrases))
        return "entries: expected facets and phrases for each";
    if (!all_below(c->begins, entries, (uint64_t)1 << f) || !all_below(c->exactly, entries, (uint64_t)1 << f))
        return "entries: expected known facets";
    if (n[PHRASE_EXACT] != phrases || n[PARTS] != phrases + 1 || !rises(c->parts, n[PARTS], 1, parts))
        return "phrases: expected words for each";
    for (size_t i = 0; i < phrases; i++)
        if (c->phrase_facet[i] >= f)
            return "phrases: expected known facets";
    if (n[PART_EXACT] != parts || n[PART_LETTERS] != parts + 1 || !rises(c->part_letters, n[PART_LETTERS], 1, n[LETTERS]))
        return "words of phrases: expected letters for each";
    if (n[FIRST] != 512)
        return "first bytes: expected 32,768 bits";
    size_t of_scope = f + f * f + f * f * f;
    if (n[MEET] != SCOPES * of_scope || n[AGAINST] != 2 * f * f || n[WEIGHTS] % 2 || n[WEIGHTS] > 2 * 32767)
        return "meetings: expected a feature or none for each";
    const int16_t *meet = (const int16_t *)(const void *)array[MEET], *against = (const int16_t *)(const void *)array[AGAINST];
    if (!all_features(meet, n[MEET], c->n_features) || !all_features(against, n[AGAINST], c->n_features))
        return "meetings: expected known features";
    for (size_t i = 0; i < n[WEIGHTS]; i++)
        if (!isfinite(c->weights[i]))
            return "weights: expected finite numbers";
    for (int scope = 0; scope < SCOPES; scope++)
        c->meet[scope] = meet + (size_t)scope * of_scope;
    c->without = against;
    c->over = against + f * f;
    return NULL;
}

/* Fills in table, concepts and *features (the number of the feature in each row) from `size` bytes that stay where they are, eight bytes
   to a word. Gives back what is wrong with them, or NULL. */
static const char *unpack(const uint8_t *packed, size_t size, size_t n_features, Scorer *scorer, const uint32_t **features)
{
    const size_t header = 8 + 8 * (size_t)ARRAYS;
    const uint8_t *array[ARRAYS];
    size_t n[ARRAYS], at = header;
    if (size < header || memcmp(packed, "SPWTABL1", 8) != 0)
        return "header: expected SPWTABL1 and the lengths of 22 arrays";
    for (int i = 0; i < ARRAYS; i++) {
        uint64_t bytes = load64(packed + 8 + 8 * i);
        if (bytes > size || bytes % WIDTHS[i] || size - at < (bytes + 7) / 8 * 8)
            return "lengths: expected arrays one behind the other";
        array[i] = packed + at;
        n[i] = (size_t)bytes / WIDTHS[i];
        at += (size_t)(bytes + 7) / 8 * 8;
    }
    if (at != size)
        return "lengths: expected nothing behind the last array";
    *features = (const uint32_t *)(const void *)array[FEATURES];
    const char *wrong = unpack_table(array, n, n_features, &scorer->linear.table);
    return wrong ? wrong : unpack_concepts(array, n, n_features, &scorer->concepts);
}

/* As word_key, of bytes behind which nothing can be read; 0 of none. */
static uint64_t bounded_key(const uint8_t *p, size_t n, const uint64_t seed[2])
{
    uint64_t key = 0;
    for (size_t at = 0; at < n; at += 16) {
        uint8_t block[16] = {0};
        memcpy(block, p + at, n - at < 16 ? n - at : 16);
        key = mix(load64(block) ^ seed[0] ^ key, load64(block + 8) ^ seed[1]);
    }
    return key;
}

/* An acronym in small letters, and its bytes; 0 where the word is none, or the profile has none and so no table of characters. */
static size_t small_of_acronym(const Reader *reader, const uint8_t *p, size_t n, uint8_t small[32])
{
    uint8_t word[32] = {0};
    size_t size = 0, letters = 0, capitals = 0;
    if (n > 16 || reader->longest_acronym == 0)
        return 0;
    memcpy(word, p, n);
    for (size_t at = 0; at < n; letters++) {
        uint32_t c;
        at += decode(word + at, &c);
        uint64_t entry = entry_of(&reader->characters, c);
        if ((c >= 'a' && c <= 'z') || (c >= 0x80 && entry & reader->characters.small))
            return 0;
        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
            capitals++;
        } else if (c >= 0x80 && entry & reader->characters.upper) {
            c = (uint32_t)entry & 0x1FFFFF;
            capitals++;
        }
        size += encode(c, small + size);
    }
    return capitals && letters <= reader->longest_acronym ? size : 0;
}

static uint64_t written_key(const Scorer *scorer, const uint8_t *p, size_t n)
{
    uint8_t small[32];
    size_t size = small_of_acronym(&scorer->reader, p, n, small);
    return size ? bounded_key(small, size, scorer->seeds.word) ^ scorer->seeds.acronym : bounded_key(p, n, scorer->seeds.word);
}

/* The key of a feature as features.txt has it: a stem, or words with spaces between them. */
static uint64_t feature_key(const Scorer *scorer, const uint8_t *p, size_t n)
{
    uint64_t key = 0;
    if (scorer->has_stems && n && p[n - 1] == '*')
        return bounded_key(p, n - 1, scorer->seeds.stem);
    for (size_t start = 0, at = 0; at <= n; at++)
        if (at == n || p[at] == ' ') {
            uint64_t word = written_key(scorer, p + start, at - start);
            key = start ? pair_key(key, word, &scorer->seeds) : word;
            start = at + 1;
        }
    return key;
}

static int has_feature(const Table *t, const uint32_t *feature, size_t n_features, uint64_t key, size_t number)
{
    uint64_t slot = t->slot[slot_of(t, key)];
    size_t row = (size_t)(slot & t->mask);
    return row < n_features && (slot ^ key) <= t->mask && feature[row] == number;
}

enum { FIT, TOO_FEW, NOT_RISING, NOT_IN_TABLE };

/* Whether `size` bytes of features.txt are n_features lines, rising, that the table of the scorer has each in the row of its number; else
   *line is the first that is not. Of the scorer are needed table, seeds, reader and has_stems. */
static int check_features(const Scorer *scorer, const uint32_t *feature, const uint8_t *text, size_t size, size_t n_features, size_t *line)
{
    const uint8_t *before = text, *here = text, *end = text + size;
    size_t n_before = 0;
    for (*line = 0; *line < n_features; ++*line) {
        const uint8_t *stop = here < end ? memchr(here, '\n', (size_t)(end - here)) : NULL;
        if (stop == NULL)
            return TOO_FEW;
        size_t n = (size_t)(stop - here);
        int order = memcmp(before, here, n < n_before ? n : n_before);
        if (*line && (order > 0 || (order == 0 && n <= n_before)))
            return NOT_RISING;
        if (!has_feature(&scorer->linear.table, feature, n_features, feature_key(scorer, here, n), *line))
            return NOT_IN_TABLE;
        before = here;
        n_before = n;
        here = stop + 1;
    }
    return here == end ? FIT : TOO_FEW;
}
#endif
