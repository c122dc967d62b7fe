/* What one thread works with: arrays that grow with the longest text it has met, and counts that are 0 between texts. */
#ifndef SPILLWAY_SCRATCH_H
#define SPILLWAY_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PAD 128 /* bytes behind an array that a wide load or an unconditional store may touch */

#ifndef ROOM_FOR /* more than is asked for, so that arrays grow seldom */
#define ROOM_FOR(size) ((size) + (size) / 2 + 1024)
#endif

enum { DONE = 0, NO_MEMORY = -1, NEEDS_LOWER = 1 };

/* Of 64 bytes of text, a bit for each. */
typedef struct {
    uint64_t word, wide, capital, small, stop, line; /* wide: not ASCII, so part of a letter */
} Marks;

/* Letters by their bytes in UTF-8. A word of one of the first two throughout has half as many letters as bytes, and mixes no scripts. */
enum Wide { CYRILLIC_LETTERS = 1, OTHERS_OF_TWO_BYTES = 2, OF_MORE_BYTES = 4 };

enum { WORDS, MORE_WORDS, STEMS, KINDS }; /* features are counted kind by kind; MORE_WORDS are pairs, and triples where asked for */

/* Where features were found: rows of the table, and the numbers of the words that they begin with. */
typedef struct {
    uint32_t *row, *word;
    size_t n;
} Hits;

/* A word that meets facets, a bit for each. */
typedef struct {
    uint32_t word, facets;
} Met;

typedef struct {
    uint8_t *bytes;       /* the text in UTF-8, folded but for the case of ASCII letters; where it is not ASCII to begin with */
    uint64_t *capital;    /* of `bytes`, a bit for the first byte of each letter that is not ASCII and was a capital; 0 between texts */
    uint32_t *origin;     /* of `bytes`, the code point of the text that each came from */
    size_t n_bytes, bytes_size;
    int wide;             /* which letters that are not ASCII `bytes` has: flags of Wide */

    uint8_t *low;         /* the text in small letters; mended words behind it */
    Marks *marks;         /* one for each 64 bytes, and an empty one */
    uint32_t *start, *end; /* of each word, into `low` */
    uint32_t *from, *to;  /* where it has wide letters: of each word, into `bytes`, also where `start` leads to a mended word */
    uint8_t *stem;        /* where it has wide letters: bytes of each word's stem, 0 where it has none */
    uint32_t *acronym;    /* words that are capitals, rising */
    uint32_t *sentence;   /* the first word of each sentence, rising; one more for the end */
    uint32_t *breaks;     /* where passages are read: as `sentence`, with the first words of passages and behind them */
    uint64_t *key;
    Met *met;             /* rising by word */
    Hits hits[KINDS];
    uint32_t *distinct;   /* rows that were counted, in the order in which they first occur */
    size_t low_size;
    size_t n_words, n_acronyms, n_sentences, n_met;

    uint32_t *count;      /* of each row of the table; 0 between texts */
    uint32_t *concept_count, *concept_distinct;
} Scratch;

static int grow(void *array_address, size_t n, size_t width)
{
    void **array = (void **)array_address;
    void *grown = realloc(*array, n * width + PAD);
    if (grown == NULL)
        return NO_MEMORY;
    *array = grown;
    return DONE;
}

#define GROW(array, n) (grow(&(array), (n), sizeof *(array)) != DONE)

/* Room for `size` bytes of folded text. */
static int reserve_bytes(Scratch *s, size_t size)
{
    if (size <= s->bytes_size)
        return DONE;
    size_t zeroed = s->bytes_size ? s->bytes_size / 64 + 2 : 0;
    size = ROOM_FOR(size);
    if (GROW(s->bytes, size) || GROW(s->origin, size) || GROW(s->capital, size / 64 + 2))
        return NO_MEMORY;
    memset(s->capital + zeroed, 0, (size / 64 + 2 - zeroed) * sizeof *s->capital);
    s->bytes_size = size;
    return DONE;
}

/* Room for the words of a text of `size` bytes: of two bytes or more each, with something between them. */
static int reserve_words(Scratch *s, size_t size)
{
    if (s->low_size && size <= s->low_size)
        return DONE;
    size = ROOM_FOR(size);
    size_t words = size / 3 + 2;
    if (GROW(s->low, 3 * size) || GROW(s->marks, size / 64 + 3) || GROW(s->start, words) || GROW(s->end, words) || GROW(s->from, words)
        || GROW(s->to, words) || GROW(s->stem, words) || GROW(s->acronym, words) || GROW(s->sentence, words + 1) || GROW(s->breaks, words + 1) || GROW(s->key, words) || GROW(s->met, words)
        || GROW(s->distinct, 4 * words))
        return NO_MEMORY;
    for (int kind = 0; kind < KINDS; kind++) /* of pairs and triples together, two for each word */
        if (GROW(s->hits[kind].row, 2 * words) || GROW(s->hits[kind].word, 2 * words))
            return NO_MEMORY;
    s->low_size = size;
    return DONE;
}

/* Room for the counts of a table and of concepts. */
static int reserve_counts(Scratch *s, size_t n_rows, size_t n_concepts)
{
    s->count = calloc(n_rows + 1, sizeof *s->count);
    s->concept_count = calloc(n_concepts + 1, sizeof *s->concept_count);
    s->concept_distinct = calloc(n_concepts + 1, sizeof *s->concept_distinct);
    return s->count && s->concept_count && s->concept_distinct ? DONE : NO_MEMORY;
}

static void scratch_free(Scratch *s)
{
    void *arrays[] = {s->bytes, s->capital, s->origin, s->low, s->marks, s->start, s->end, s->from, s->to, s->stem, s->acronym,
                      s->sentence, s->breaks, s->key, s->met, s->distinct, s->count, s->concept_count, s->concept_distinct};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    for (int kind = 0; kind < KINDS; kind++) {
        free(s->hits[kind].row);
        free(s->hits[kind].word);
    }
    memset(s, 0, sizeof *s);
}
#endif
