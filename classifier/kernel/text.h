/* A text as Python holds it (1, 2 or 4 bytes a code point), folded, with its words, sentences and acronyms marked. */
#ifndef SPILLWAY_TEXT_H
#define SPILLWAY_TEXT_H

#include "scratch.h"

#define LOWEST_GREEK 0x370u
#define LOWEST_CYRILLIC 0x400u
#define BEYOND_CYRILLIC 0x530u

/* The character table (classifier/_characters.py), whose flags are passed in. */
typedef struct {
    const uint16_t *block;
    const uint64_t *entry;
    uint64_t separator, dropped, itself, upper, small, needs_lower;
} Characters;

typedef struct {
    const void *units;
    size_t n;
    int kind;     /* bytes a code point: 1, 2 or 4 */
    int is_ascii; /* then `units` can be read as it is */
} Text;

static inline uint64_t load64(const void *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

static inline __attribute__((always_inline)) uint32_t unit(const void *units, int kind, size_t i)
{
    return kind == 1 ? ((const uint8_t *)units)[i] : kind == 2 ? ((const uint16_t *)units)[i] : ((const uint32_t *)units)[i];
}

static inline uint64_t entry_of(const Characters *c, uint32_t code_point)
{
    if (code_point > 0x10FFFF)
        return c->separator;
    return c->entry[(size_t)c->block[code_point >> 6] * 64 + (code_point & 63)];
}

static inline size_t encode(uint32_t c, uint8_t *out)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xC0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xE0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | (c >> 18 & 7));
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (c & 0x3F));
    return 4;
}

static inline size_t decode(const uint8_t *p, uint32_t *c)
{
    if (p[0] < 0x80) {
        *c = p[0];
        return 1;
    }
    if (p[0] < 0xE0) {
        *c = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
        return 2;
    }
    if (p[0] < 0xF0) {
        *c = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        return 3;
    }
    *c = (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
    return 4;
}

static inline int wide_of(uint32_t c)
{
    return c < 0x80 ? 0 : c >= 0x800 ? OF_MORE_BYTES : c >= LOWEST_CYRILLIC && c < BEYOND_CYRILLIC ? CYRILLIC_LETTERS : OTHERS_OF_TWO_BYTES;
}

/* What an entry of the table makes of a code point that is not ASCII. */
typedef struct {
    uint8_t bytes[12], size, is_capital, wide; /* is_capital: of a letter that is not ASCII */
} Folded;

static Folded folded(const Characters *c, uint64_t entry, uint32_t code_point)
{
    Folded f = {{' '}, 1, 0, 0};
    if (entry == c->separator)
        return f;
    f.size = 0;
    if (entry == c->dropped)
        return f;
    if (entry & c->itself) {
        f.size = (uint8_t)encode(code_point, f.bytes);
        f.wide = (uint8_t)wide_of(code_point);
        return f;
    }
    uint32_t parts[3] = {entry & 0x1FFFFF, entry >> 21 & 0x1FFFFF, entry >> 42 & 0x3FFFF};
    if (entry & c->upper && parts[0] < 0x80) /* as the capital, whose case is seen to with those of ASCII */
        parts[0] &= ~(uint32_t)0x20;
    else
        f.is_capital = (entry & c->upper) != 0;
    for (int k = 0; k < 3 && parts[k]; k++) {
        f.size = (uint8_t)(f.size + encode(parts[k], f.bytes + f.size));
        f.wide = (uint8_t)(f.wide | wide_of(parts[k]));
    }
    return f;
}

/* The same of the code points below QUICK, most of those that are not ASCII in most languages: one or two bytes, and flags. */
enum { QUICK = 0x600, QUICK_SIZE = 1 << 16, QUICK_CAPITAL = 1 << 18, QUICK_WIDE = 1 << 20, QUICK_NOT = 1 << 23 };

static void fill_quick(const Characters *c, uint32_t *quick)
{
    for (uint32_t code_point = 0x80; code_point < QUICK; code_point++) {
        uint64_t entry = entry_of(c, code_point);
        Folded f = folded(c, entry, code_point);
        quick[code_point] = f.bytes[0] | (uint32_t)f.bytes[1] << 8 | f.size * (uint32_t)QUICK_SIZE | f.is_capital * (uint32_t)QUICK_CAPITAL
                            | f.wide * (uint32_t)QUICK_WIDE;
        if (f.size > 2 || entry == c->needs_lower)
            quick[code_point] = QUICK_NOT;
    }
}

static inline void put_capital(Scratch *s, size_t at)
{
    s->capital[at / 64] |= (uint64_t)1 << at % 64;
}

#if defined(__SSE2__)
#include <emmintrin.h>

/* Copies 16 code points that are all ASCII, as bytes; gives back whether they were. Most of a text is, whatever its kind. */
static inline int copy_ascii(const Text *text, size_t i, uint8_t *out)
{
    __m128i bytes, high;
    if (text->kind == 1) {
        bytes = high = _mm_loadu_si128((const __m128i *)((const uint8_t *)text->units + i));
        high = _mm_and_si128(high, _mm_set1_epi8((char)0x80));
    } else if (text->kind == 2) {
        const __m128i *p = (const __m128i *)((const uint16_t *)text->units + i);
        __m128i a = _mm_loadu_si128(p), b = _mm_loadu_si128(p + 1);
        high = _mm_and_si128(_mm_or_si128(a, b), _mm_set1_epi16((short)0xFF80));
        bytes = _mm_packus_epi16(a, b);
    } else {
        const __m128i *p = (const __m128i *)((const uint32_t *)text->units + i);
        __m128i a = _mm_loadu_si128(p), b = _mm_loadu_si128(p + 1), c = _mm_loadu_si128(p + 2), d = _mm_loadu_si128(p + 3);
        high = _mm_and_si128(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)), _mm_set1_epi32((int)0xFFFFFF80));
        bytes = _mm_packus_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
    }
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(high, _mm_setzero_si128())) != 0xFFFF)
        return 0;
    _mm_storeu_si128((__m128i *)out, bytes);
    return 1;
}
#else
static inline int copy_ascii(const Text *text, size_t i, uint8_t *out)
{
    for (int k = 0; k < 16; k++) {
        uint32_t c = unit(text->units, text->kind, i + k);
        if (c >= 0x80)
            return 0;
        out[k] = (uint8_t)c;
    }
    return 1;
}
#endif

/* Folds 16 code points, or fewer at the end of the text, one by one; gives back where it came to in `bytes`, or a failure below 0. */
static inline __attribute__((always_inline)) long fold_some(const Characters *c, const uint32_t *quick, const void *units, int kind, size_t i,
                                                            size_t last, Scratch *s, size_t at)
{
    for (; i < last; i++) {
        uint32_t code_point = unit(units, kind, i);
        if (code_point < 0x80) {
            s->bytes[at] = (uint8_t)code_point;
            s->origin[at++] = (uint32_t)i;
            continue;
        }
        if (code_point < QUICK && quick[code_point] != QUICK_NOT) {
            uint32_t q = quick[code_point];
            s->bytes[at] = (uint8_t)q;
            s->bytes[at + 1] = (uint8_t)(q >> 8);
            s->origin[at] = s->origin[at + 1] = (uint32_t)i;
            if (q & QUICK_CAPITAL)
                put_capital(s, at);
            s->wide |= (int)(q / QUICK_WIDE) & 7;
            at += q / QUICK_SIZE & 3;
            continue;
        }
        uint64_t entry = entry_of(c, code_point);
        if (entry == c->needs_lower)
            return -1;
        Folded f = folded(c, entry, code_point);
        if (f.is_capital)
            put_capital(s, at);
        s->wide |= f.wide;
        memcpy(s->bytes + at, f.bytes, sizeof f.bytes);
        for (size_t k = 0; k < f.size; k++)
            s->origin[at + k] = (uint32_t)i;
        at += f.size;
    }
    return (long)at;
}

/* Folds a text that is not ASCII into `bytes`. NEEDS_LOWER: it has a letter whose small form hangs on its neighbours. */
static int fold(const Characters *c, const uint32_t *quick, const Text *text, Scratch *s)
{
    size_t at = 0, n = text->n;
    s->wide = 0;
    for (size_t i = 0; i < n; i += 16) {
        if (at + 16 * 12 > s->bytes_size && reserve_bytes(s, at + 16 * 12 + (n - i)) != DONE)
            return NO_MEMORY;
        if (n - i >= 16 && copy_ascii(text, i, s->bytes + at)) {
            for (int k = 0; k < 16; k++)
                s->origin[at + k] = (uint32_t)(i + k);
            at += 16;
            continue;
        }
        size_t last = i + 16 < n ? i + 16 : n;
        long done = text->kind == 1   ? fold_some(c, quick, text->units, 1, i, last, s, at)
                    : text->kind == 2 ? fold_some(c, quick, text->units, 2, i, last, s, at)
                                      : fold_some(c, quick, text->units, 4, i, last, s, at);
        if (done < 0)
            return NEEDS_LOWER;
        at = (size_t)done;
    }
    s->n_bytes = at;
    return DONE;
}

/* How ASCII is read. */
typedef struct {
    int lowercase;
    int underscore; /* whether it belongs to words */
    int sentences;  /* whether `stop`, `line`, `capital` and `small` are asked for */
} Ascii;

/* Marks the bytes of a text and writes them in small letters. `low` has room for a multiple of 64. */
typedef void (*Mark)(const Ascii *, const uint8_t *bytes, size_t n, uint8_t *low, Marks *marks);

static void mark_plain(const Ascii *ascii, const uint8_t *bytes, size_t n, uint8_t *low, Marks *marks)
{
    for (size_t i = 0; i < n; i += 64) {
        Marks m = {0, 0, 0, 0, 0, 0};
        for (size_t k = 0; k < 64 && i + k < n; k++) {
            uint8_t c = bytes[i + k];
            uint64_t bit = (uint64_t)1 << k;
            int capital = c >= 'A' && c <= 'Z', small = c >= 'a' && c <= 'z';
            if (capital || small || (c >= '0' && c <= '9') || c >= 0x80 || (ascii->underscore && c == '_'))
                m.word |= bit;
            if (c >= 0x80)
                m.wide |= bit;
            if (capital)
                m.capital |= bit;
            if (small)
                m.small |= bit;
            if (c == '.' || c == '!' || c == '?')
                m.stop |= bit;
            if ((c >= '\n' && c <= '\r') || (c >= 0x1C && c <= 0x1E))
                m.line |= bit;
            low[i + k] = capital && ascii->lowercase ? (uint8_t)(c | 0x20) : c;
        }
        marks[i / 64] = m;
    }
}

#if defined(__SSE2__)
#include <immintrin.h>

/* x <= most, for each byte: there is no comparison without sign. */
#define WITHIN(ISA, x, most) ISA##cmpeq_epi8(ISA##min_epu8(x, ISA##set1_epi8(most)), x)

/* The marks of the bytes of one vector, shifted to their place; the same code for each width. */
#define MARK_VECTOR(ISA, TYPE, SI, shift)                                                                                            \
    do {                                                                                                                             \
        TYPE c = ISA##loadu_##SI((const TYPE *)(from + (shift)));                                                                    \
        TYPE capital = WITHIN(ISA, ISA##sub_epi8(c, ISA##set1_epi8('A')), 25);                                                       \
        TYPE lowered = ISA##or_##SI(c, ISA##and_##SI(capital, bit));                                                                 \
        TYPE letter = WITHIN(ISA, ISA##sub_epi8(ISA##or_##SI(c, ISA##set1_epi8(0x20)), ISA##set1_epi8('a')), 25);                    \
        TYPE word = ISA##or_##SI(letter, WITHIN(ISA, ISA##sub_epi8(c, ISA##set1_epi8('0')), 9));                                     \
        word = ISA##or_##SI(ISA##or_##SI(word, c), ISA##cmpeq_epi8(c, underscore)); /* the sign of c: bytes from 0x80 on */          \
        ISA##storeu_##SI((TYPE *)(low + i + (shift)), lowered);                                                                      \
        m.word |= (uint64_t)(uint32_t)ISA##movemask_epi8(word) << (shift);                                                           \
        m.wide |= (uint64_t)(uint32_t)ISA##movemask_epi8(c) << (shift);                                                              \
        if (ascii->sentences) {                                                                                                      \
            TYPE stop = ISA##or_##SI(ISA##cmpeq_epi8(c, ISA##set1_epi8('.')), ISA##cmpeq_epi8(c, ISA##set1_epi8('?')));              \
            stop = ISA##or_##SI(stop, ISA##cmpeq_epi8(c, ISA##set1_epi8('!')));                                                      \
            TYPE line = ISA##or_##SI(WITHIN(ISA, ISA##sub_epi8(c, ISA##set1_epi8('\n')), 3),                                         \
                                     WITHIN(ISA, ISA##sub_epi8(c, ISA##set1_epi8(0x1C)), 2));                                        \
            uint64_t capitals = (uint32_t)ISA##movemask_epi8(capital), letters = (uint32_t)ISA##movemask_epi8(letter);               \
            m.capital |= capitals << (shift);                                                                                        \
            m.small |= (letters & ~capitals) << (shift);                                                                             \
            m.stop |= (uint64_t)(uint32_t)ISA##movemask_epi8(stop) << (shift);                                                       \
            m.line |= (uint64_t)(uint32_t)ISA##movemask_epi8(line) << (shift);                                                       \
        }                                                                                                                            \
    } while (0)

#define MARK_TEXT(ISA, TYPE, SI)                                                                                                     \
    const TYPE bit = ISA##set1_epi8(ascii->lowercase ? 0x20 : 0);                                                                    \
    const TYPE underscore = ISA##set1_epi8(ascii->underscore ? '_' : 'a');                                                           \
    uint8_t rest[64] = {0};                                                                                                          \
    for (size_t i = 0; i < n; i += 64) {                                                                                             \
        const uint8_t *from = bytes + i;                                                                                             \
        if (n - i < 64) /* nothing behind the text is read */                                                                        \
            from = memcpy(rest, from, n - i);                                                                                        \
        Marks m = {0, 0, 0, 0, 0, 0};                                                                                                   \
        for (int shift = 0; shift < 64; shift += (int)sizeof(TYPE))                                                                  \
            MARK_VECTOR(ISA, TYPE, SI, shift);                                                                                       \
        marks[i / 64] = m;                                                                                                           \
    }

static void mark_sse2(const Ascii *ascii, const uint8_t *bytes, size_t n, uint8_t *low, Marks *marks)
{
    MARK_TEXT(_mm_, __m128i, si128)
}

__attribute__((target("avx2"))) static void mark_avx2(const Ascii *ascii, const uint8_t *bytes, size_t n, uint8_t *low, Marks *marks)
{
    MARK_TEXT(_mm256_, __m256i, si256)
}
#endif

/* Levels: 0 plain, 1 SSE2, 2 AVX2. */
static int best_level(void)
{
#if defined(__SSE2__)
    return __builtin_cpu_supports("avx2") ? 2 : 1;
#else
    return 0;
#endif
}

/* NULL: this CPU does not know it. */
static Mark mark_of(int level)
{
    if (level < 0 || level > best_level())
        return NULL;
#if defined(__SSE2__)
    if (level > 0)
        return level == 2 ? mark_avx2 : mark_sse2;
#endif
    return mark_plain;
}
#endif
