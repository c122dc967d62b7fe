/* From marks to words, sentences and acronyms. A word is a run of two or more letters or digits. */
#ifndef SPILLWAY_WORDS_H
#define SPILLWAY_WORDS_H

#include "text.h"

/* How words are read (see classifier/tokens.py, which passes the numbers in). */
typedef struct {
    Ascii ascii;
    Characters characters;
    uint32_t quick[QUICK];            /* see `fill_quick` */
    size_t longest_acronym;
    size_t stem_length;               /* code points; 0: no stems */
    uint32_t look_alike[2][BEYOND_CYRILLIC]; /* small letters in the other script's form: [0] to Latin, [1] to Cyrillic; else themselves */
    int mends;                        /* whether look-alikes are mended */
} Reader;

static inline int lowest(uint64_t bits) /* the number of the lowest bit; 63 where there is none, as the compiler's own would be undefined */
{
    return __builtin_ctzll(bits | (uint64_t)1 << 63);
}

static inline int population(uint64_t x) /* Hacker's Delight, 5-2: the baseline CPU has no instruction for it */
{
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    return (int)(((x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * 0x0101010101010101u >> 56);
}

/* Writes the places of the bits, and 14 whatever their number: more are rare in 64 bytes, and a loop would be guessed wrong once a block. */
static inline uint32_t *put_places(uint32_t *out, uint64_t bits, uint32_t base)
{
    uint32_t *end = out + population(bits);
    for (int k = 0; k < 14; k++, bits &= bits - 1)
        out[k] = base + (uint32_t)lowest(bits);
    for (out += 14; out < end; out++, bits &= bits - 1)
        *out = base + (uint32_t)lowest(bits);
    return end;
}

/* The bits k places further on in the text. */
static inline uint64_t ahead(uint64_t these, uint64_t next, int k)
{
    return these >> k | next << (64 - k);
}

/* First bytes of words that are capitals throughout, not longer than an acronym: a capital, no small letter, nothing but ASCII. */
static inline uint64_t acronyms_in(const Marks *m, uint64_t starts, size_t longest)
{
    uint64_t found = 0, alive = starts, capital = m[0].capital, other = m[0].small | m[0].wide, next = m[1].small | m[1].wide;
    for (int k = 1; k < (int)longest; k++) {
        alive &= ahead(m[0].word, m[1].word, k);
        capital |= ahead(m[0].capital, m[1].capital, k);
        other |= ahead(m[0].small | m[0].wide, next, k);
        found |= alive & ~ahead(m[0].word, m[1].word, k + 1) & capital & ~other;
    }
    return found;
}

static inline void begin_sentence(Scratch *s, size_t word)
{
    if (s->n_sentences == 0 || s->sentence[s->n_sentences - 1] != word)
        s->sentence[s->n_sentences++] = (uint32_t)word;
}

static inline void end_sentences(Scratch *s)
{
    if (s->n_sentences && s->sentence[s->n_sentences - 1] == s->n_words)
        s->n_sentences--;
    s->sentence[s->n_sentences] = (uint32_t)s->n_words;
}

/* How many of the words of a block begin before the lowest of some bits. */
static inline size_t words_before(uint64_t starts, uint64_t bits)
{
    return (size_t)population(starts & (bits ^ (bits - 1)) >> 1);
}

/* Fills start, end, acronym and sentence from the marks of n bytes. */
static void cut(const Reader *reader, Scratch *s, size_t n)
{
    size_t blocks = (n + 63) / 64;
    const Marks *m = s->marks;
    uint32_t *start = s->start, *end = s->end;
    uint64_t before = 0; /* marks of words in the block before */
    memset(&s->marks[blocks], 0, sizeof *s->marks);
    s->n_acronyms = s->n_sentences = 0;
    s->sentence[s->n_sentences++] = 0;
    for (size_t b = 0; b <= blocks; b++) {
        uint64_t word = m[b].word, next = b < blocks ? m[b + 1].word : 0, back = word << 1 | before >> 63;
        uint64_t starts = word & ~back & ahead(word, next, 1);
        size_t first = (size_t)(start - s->start);
        start = put_places(start, starts, (uint32_t)(b * 64));
        end = put_places(end, ~word & back & (word << 2 | before >> 62), (uint32_t)(b * 64));
        before = word;
        if (!reader->ascii.sentences || b == blocks)
            continue;
        for (uint64_t left = m[b].line | (m[b].stop & ~ahead(word, next, 1)); left; left &= left - 1)
            begin_sentence(s, first + words_before(starts, left));
        for (uint64_t left = acronyms_in(&m[b], starts, reader->longest_acronym); left; left &= left - 1)
            s->acronym[s->n_acronyms++] = (uint32_t)(first + words_before(starts, left));
    }
    s->n_words = (size_t)(start - s->start);
    end_sentences(s);
}

/* Of the bytes from start to end, at least one and at most 64, a bit for each; further ones 0. */
static inline uint64_t bits_of(uint64_t first, uint64_t next, size_t start, size_t end)
{
    uint64_t bits = start % 64 ? first >> start % 64 | next << (64 - start % 64) : first;
    return end - start < 64 ? bits & (((uint64_t)1 << (end - start)) - 1) : bits;
}

/* Whether a word of at most longest_acronym code points has a capital and no small letter. */
static int is_acronym(const Reader *reader, const Scratch *s, size_t start, size_t end)
{
    int has_capital = 0;
    for (size_t at = start; at < end;) {
        uint32_t c;
        size_t size = decode(s->low + at, &c);
        uint64_t bit = (uint64_t)1 << at % 64;
        if ((s->marks[at / 64].capital | s->capital[at / 64]) & bit)
            has_capital = 1;
        else if (s->marks[at / 64].small & bit || (c >= 0x80 && entry_of(&reader->characters, c) & reader->characters.small))
            return 0;
        at += size;
    }
    return has_capital;
}

enum { NO_SCRIPT, LATIN, GREEK, CYRILLIC };

static inline int script_of(uint32_t c)
{
    if (c < 0x80)
        return c >= 'a' ? LATIN : NO_SCRIPT;
    if (c < LOWEST_GREEK || c >= BEYOND_CYRILLIC)
        return NO_SCRIPT;
    return c < LOWEST_CYRILLIC ? GREEK : CYRILLIC;
}

/* What a walk over a word finds out. */
typedef struct {
    size_t n;              /* code points */
    size_t stem;           /* bytes of its stem, 0 if it has none */
    size_t of_script[4];
    int is_mixed;          /* letters of two scripts side by side, or with digits between them only */
    int is_acronym;
} Walk;

static Walk walk(const Reader *reader, const uint8_t *low, size_t start, size_t end)
{
    Walk found = {0, 0, {0, 0, 0, 0}, 0, 0};
    int last = NO_SCRIPT;
    for (size_t at = start; at < end; found.n++) {
        uint32_t c;
        if (found.n == reader->stem_length)
            found.stem = at - start;
        at += decode(low + at, &c);
        int script = script_of(c);
        found.of_script[script]++;
        found.is_mixed |= script != last && script && last;
        if (script || c < '0' || c > '9')
            last = script;
    }
    return found;
}

/* What there is to know of a word; without a walk, if its letters are all of one byte, or all of two. */
static Walk measure(const Reader *reader, const Scratch *s, size_t start, size_t end)
{
    size_t n = end - start, bytes = 1, b = start / 64;
    int is_plain = 0;
    if (n <= 64) {
        uint64_t wide = bits_of(s->marks[b].wide, s->marks[b + 1].wide, start, end), all = ~(uint64_t)0 >> (64 - n);
        bytes = wide ? 2 : 1;
        is_plain = wide == 0 || (wide == all && (s->wide == CYRILLIC_LETTERS || s->wide == OTHERS_OF_TWO_BYTES));
    }
    Walk found = {n / bytes, n / bytes > reader->stem_length ? reader->stem_length * bytes : 0, {0, 0, 0, 0}, 0, 0};
    if (!is_plain)
        found = walk(reader, s->low, start, end);
    if (found.n <= reader->longest_acronym && found.n > 1) {
        uint64_t first = s->marks[b].capital | s->capital[b], next = s->marks[b + 1].capital | s->capital[b + 1];
        found.is_acronym = bits_of(first, next, start, end) && is_acronym(reader, s, start, end);
    }
    return found;
}

/* Writes a word that mixes scripts at `to` in that which most of its letters have; gives back its end, or `to` if there is none. */
static size_t mend(const Reader *reader, uint8_t *low, size_t start, size_t end, const Walk *found, size_t to)
{
    size_t latin = found->of_script[LATIN], greek = found->of_script[GREEK], cyrillic = found->of_script[CYRILLIC];
    int is_latin = latin >= greek && latin >= cyrillic;
    if (!is_latin && cyrillic <= greek)
        return to;
    for (size_t at = start; at < end;) {
        uint32_t c;
        at += decode(low + at, &c);
        to += encode(c < BEYOND_CYRILLIC ? reader->look_alike[!is_latin][c] : c, low + to);
    }
    return to;
}

/* Of a text that is not ASCII: drops words of one letter, finds acronyms anew, mends words and measures stems. */
static void settle(const Reader *reader, Scratch *s)
{
    size_t kept = 0, sentence = 0, n_sentences = s->n_sentences, behind = (s->n_bytes + 63) / 64 * 64;
    s->n_acronyms = s->n_sentences = 0;
    for (size_t i = 0; i < s->n_words; i++) {
        size_t start = s->start[i], end = s->end[i];
        if (sentence < n_sentences && s->sentence[sentence] == i) {
            begin_sentence(s, kept);
            sentence++;
        }
        s->from[kept] = (uint32_t)start;
        s->to[kept] = (uint32_t)end;
        Walk found = measure(reader, s, start, end);
        if (found.n < 2)
            continue;
        if (found.is_acronym)
            s->acronym[s->n_acronyms++] = (uint32_t)kept;
        if (found.is_mixed && reader->mends) {
            size_t mended = mend(reader, s->low, start, end, &found, behind);
            if (mended > behind) {
                start = behind;
                end = behind = mended;
                found = walk(reader, s->low, start, end);
            }
        }
        s->start[kept] = (uint32_t)start;
        s->end[kept] = (uint32_t)end;
        s->stem[kept] = (uint8_t)found.stem;
        kept++;
    }
    s->n_words = kept;
    end_sentences(s);
}

/* Finds the words of a text; leaves marks in `capital`. */
static int find_all_words(const Reader *reader, Mark mark, const Text *text, Scratch *s)
{
    const uint8_t *bytes = text->units;
    s->n_bytes = text->n;
    s->wide = 0;
    if (!text->is_ascii) {
        int outcome = fold(&reader->characters, reader->quick, text, s);
        if (outcome != DONE)
            return outcome;
        bytes = s->bytes;
    }
    if (reserve_words(s, s->n_bytes) != DONE)
        return NO_MEMORY;
    mark(&reader->ascii, bytes, s->n_bytes, s->low, s->marks);
    cut(reader, s, s->n_bytes);
    if (s->wide)
        settle(reader, s);
    return DONE;
}

/* Finds the words of a text: the bytes they are read from, in small letters, and all that `cut` and `settle` fill in. */
static int read_words(const Reader *reader, Mark mark, const Text *text, Scratch *s)
{
    int outcome = find_all_words(reader, mark, text, s);
    if (s->wide && s->bytes_size)
        memset(s->capital, 0, ((outcome == DONE ? s->n_bytes : s->bytes_size) / 64 + 1) * sizeof *s->capital);
    return outcome;
}
#endif
