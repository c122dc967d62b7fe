/* n-grams whose feature is a number made of their bytes, as scikit-learn's HashingVectorizer has them: nothing is looked up. */
#ifndef SPILLWAY_HASHING_H
#define SPILLWAY_HASHING_H

#include "table.h"

#define SIGN ((uint32_t)1 << 31) /* of a row that counts down */

static inline uint32_t load32(const void *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

static inline uint32_t rotate(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

static inline uint32_t scatter(uint32_t block)
{
    return rotate(block * 0xCC9E2D51u, 15) * 0x1B873593u;
}

/* MurmurHash3 of 32 bits (Austin Appleby 2011) with seed 0, of n bytes behind which 4 more can be read. */
static inline uint32_t murmur(const uint8_t *p, size_t n)
{
    uint32_t hash = 0;
    for (const uint8_t *end = p + n / 4 * 4; p < end; p += 4)
        hash = rotate(hash ^ scatter(load32(p)), 13) * 5 + 0xE6546B64u;
    hash ^= scatter(load32(p) & (uint32_t)FIRST_BYTES[n % 4][0]);
    hash ^= (uint32_t)n;
    hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
    return hash ^ hash >> 16;
}

/* Copies the words behind the text with a space between them, so that an n-gram is a stretch of `low`. */
static void join_words(Scratch *s)
{
    size_t to = (s->n_bytes + 63) / 64 * 64;
    for (size_t i = 0; i < s->n_words; i++) {
        size_t size = s->end[i] - s->start[i];
        for (size_t k = 0; k < size; k += 16) /* what is copied too much, the next word is written over */
            memcpy(s->low + to + k, s->low + s->start[i] + k, 16);
        s->start[i] = (uint32_t)to;
        s->end[i] = (uint32_t)(to += size);
        s->low[to++] = ' ';
    }
}

/* Appends the number below n_features of each n-gram of `length` joined words, with SIGN where its hash is negative and signs are asked for. */
static void hash_ngrams(Scratch *s, size_t length, uint32_t n_features, int has_signs, Hits *hits)
{
    for (size_t i = 0; i + length <= s->n_words; i++) {
        uint32_t hash = murmur(s->low + s->start[i], s->end[i + length - 1] - s->start[i]);
        uint32_t row = (hash & SIGN ? 0u - hash : hash) % n_features;
        __builtin_prefetch(s->count + row);
        hits->row[hits->n++] = row | (has_signs ? hash & SIGN : 0);
    }
}

/* As count_rows, where a row with SIGN counts down. One that comes back to 0 may be noted again: by then it adds nothing. */
static size_t count_signed(const uint32_t *rows, size_t n, uint32_t *count, uint32_t *distinct, size_t n_distinct)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t row = rows[i] & ~SIGN, before = count[row];
        distinct[n_distinct] = row;
        n_distinct += before == 0;
        count[row] = rows[i] & SIGN ? before - 1 : before + 1;
    }
    return n_distinct;
}
#endif
