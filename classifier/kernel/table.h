/* The features of a model by the hash of their words: a perfect hash function found at export (classifier/tables.py). */
#ifndef SPILLWAY_TABLE_H
#define SPILLWAY_TABLE_H

#include "words.h"

/* Random numbers, two for each kind of feature; passed in. */
typedef struct {
    uint64_t word[2], pair[2], stem[2], acronym;
} Seeds;

typedef struct {
    const uint64_t *slot;  /* a key whose lowest bits are the row of its feature: one cache line a look-up. Rows are in the order of
                              frequency, so that few lines hold most of what is found */
    const uint16_t *pilot; /* of each bucket */
    uint32_t mask;         /* slots - 1 */
    int shift;             /* the highest bits of a key say its bucket */
} Table;

#define NO_KEY (~(uint64_t)0) /* of what is looked up for nothing */

enum { BATCH = 256 }; /* keys at once: short loops over little memory are quicker than one long one */

static inline size_t batch(size_t all, size_t first)
{
    return all - first < BATCH ? all - first : BATCH;
}

/* The two halves of a product, as one: what wyhash and others mix with (Wang Yi 2019). */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of 16 bytes, those of a word that ends among them. */
static const uint64_t FIRST_BYTES[17][2] = {
    {0, 0}, {0xFF, 0}, {0xFFFF, 0}, {0xFFFFFF, 0}, {0xFFFFFFFF, 0}, {0xFFFFFFFFFF, 0}, {0xFFFFFFFFFFFF, 0}, {0xFFFFFFFFFFFFFF, 0},
    {~0ull, 0}, {~0ull, 0xFF}, {~0ull, 0xFFFF}, {~0ull, 0xFFFFFF}, {~0ull, 0xFFFFFFFF}, {~0ull, 0xFFFFFFFFFF}, {~0ull, 0xFFFFFFFFFFFF},
    {~0ull, 0xFFFFFFFFFFFFFF}, {~0ull, ~0ull},
};

/* The key of at most 16 bytes, behind which 16 more can be read. */
static inline uint64_t key_of(const uint8_t *p, size_t n, const uint64_t seed[2])
{
    return mix((load64(p) & FIRST_BYTES[n][0]) ^ seed[0], (load64(p + 8) & FIRST_BYTES[n][1]) ^ seed[1]);
}

static inline uint64_t word_key(const uint8_t *p, size_t n, const uint64_t seed[2])
{
    if (n <= 16)
        return key_of(p, n, seed);
    uint64_t key = 0;
    for (; n > 16; p += 16, n -= 16)
        key = mix(load64(p) ^ seed[0] ^ key, load64(p + 8) ^ seed[1]);
    return mix((load64(p) & FIRST_BYTES[n][0]) ^ seed[0] ^ key, (load64(p + 8) & FIRST_BYTES[n][1]) ^ seed[1]);
}

static inline uint64_t pair_key(uint64_t first, uint64_t second, const Seeds *seeds)
{
    return mix(first ^ seeds->pair[0], second ^ seeds->pair[1]);
}

static void word_keys(const Seeds *seeds, Scratch *s)
{
    for (size_t i = 0; i < s->n_words; i++)
        s->key[i] = word_key(s->low + s->start[i], s->end[i] - s->start[i], seeds->word);
    for (size_t i = 0; i < s->n_acronyms; i++)
        s->key[s->acronym[i]] ^= seeds->acronym;
}

static inline uint32_t slot_of(const Table *t, uint64_t key)
{
    return ((uint32_t)key + t->pilot[key >> t->shift] * (uint32_t)(key >> 32)) & t->mask;
}

/* Appends the rows of those of at most BATCH keys that the table has, and the numbers of their words, the first of which is `word`. No
   branch, as which words are known cannot be guessed; and all slots are fetched before one is read (a quarter less time). */
static inline void find(const Table *t, const uint64_t *keys, size_t n, size_t word, Hits *hits)
{
    const Table table = *t; /* a copy stays in registers, whatever is stored meanwhile */
    uint32_t slots[BATCH], *restrict row = hits->row + hits->n, *restrict number = hits->word + hits->n;
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        slots[i] = slot_of(&table, keys[i]);
        __builtin_prefetch(table.slot + slots[i]);
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t slot = table.slot[slots[i]];
        row[found] = (uint32_t)slot & table.mask;
        number[found] = (uint32_t)(word + i);
        found += (slot ^ keys[i]) <= table.mask; /* the lowest bits of the key are those of the slot's place */
    }
    hits->n += found;
}

static void find_words(const Table *t, Scratch *s)
{
    s->hits[WORDS].n = 0;
    for (size_t first = 0; first < s->n_words; first += BATCH)
        find(t, s->key + first, batch(s->n_words, first), first, &s->hits[WORDS]);
}

/* Of neighbours in a sentence. */
static void find_pairs(const Table *t, const Seeds *seeds, Scratch *s)
{
    uint64_t keys[BATCH];
    size_t sentence = 1;
    s->hits[MORE_WORDS].n = 0;
    for (size_t first = 0; first + 1 < s->n_words; first += BATCH) {
        size_t n = batch(s->n_words - 1, first);
        for (size_t i = 0; i < n; i++)
            keys[i] = pair_key(s->key[first + i], s->key[first + i + 1], seeds);
        for (; sentence < s->n_sentences && s->sentence[sentence] <= first + n; sentence++)
            keys[s->sentence[sentence] - 1 - first] = NO_KEY;
        find(t, keys, n, first, &s->hits[MORE_WORDS]);
    }
}

/* Appends to the pairs, of a text without sentences. */
static void find_triples(const Table *t, const Seeds *seeds, Scratch *s)
{
    uint64_t keys[BATCH];
    for (size_t first = 0; first + 2 < s->n_words; first += BATCH) {
        size_t n = batch(s->n_words - 2, first);
        for (size_t i = first; i < first + n; i++)
            keys[i - first] = pair_key(pair_key(s->key[i], s->key[i + 1], seeds), s->key[i + 2], seeds);
        find(t, keys, n, first, &s->hits[MORE_WORDS]);
    }
}

/* Leaves out the words that a table has, as if they did not stand in the text. */
static void drop_words(const Table *t, Scratch *s)
{
    size_t kept = 0;
    find_words(t, s);
    const uint32_t *dropped = s->hits[WORDS].word;
    s->hits[WORDS].word[s->hits[WORDS].n] = UINT32_MAX;
    for (size_t i = 0; i < s->n_words; i++) {
        int is_dropped = *dropped == i;
        s->start[kept] = s->start[i];
        s->end[kept] = s->end[i];
        s->key[kept] = s->key[i];
        dropped += is_dropped;
        kept += !is_dropped;
    }
    s->n_words = kept;
}

static void find_stems(const Table *t, const Seeds *seeds, size_t stem_length, Scratch *s)
{
    uint64_t keys[BATCH];
    s->hits[STEMS].n = 0;
    for (size_t first = 0; first < s->n_words; first += BATCH) {
        size_t n = batch(s->n_words, first);
        for (size_t i = 0; i < n; i++) {
            uint32_t start = s->start[first + i];
            size_t stem = s->wide ? s->stem[first + i] : s->end[first + i] - start > stem_length ? stem_length : 0;
            keys[i] = key_of(s->low + start, stem, seeds->stem) | ((uint64_t)0 - (stem == 0)); /* NO_KEY without a branch */
        }
        find(t, keys, n, first, &s->hits[STEMS]);
    }
}
#endif
