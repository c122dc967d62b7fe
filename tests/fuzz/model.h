/* What both targets score with: the kernel, an allocator that can be told to fail, and models from the folder that tests/fuzzing.py
   writes (environment variable SPILLWAY_FUZZ). */
#ifndef SPILLWAY_FUZZ_MODEL_H
#define SPILLWAY_FUZZ_MODEL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t calls_left; /* until an allocation fails; 0: none does */

static int fails(void)
{
    return calls_left && --calls_left == 0;
}

static void *failing_realloc(void *array, size_t size)
{
    return fails() ? NULL : realloc(array, size);
}

static void *failing_calloc(size_t n, size_t width)
{
    return fails() ? NULL : calloc(n, width);
}

#define realloc failing_realloc
#define calloc failing_calloc
#ifndef ROOM_FOR
#define ROOM_FOR(size) ((size) + (size) / 8) /* hardly more than is asked for, so that a sanitizer sees what goes beyond */
#endif
#include "kernel/unpack.h"
#undef realloc
#undef calloc

#define CHECK(condition)                                                                  \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);       \
            abort();                                                                      \
        }                                                                                 \
    } while (0)

/* All bytes of a file of the folder. */
static uint8_t *read_file(const char *name, size_t *size)
{
    char path[4096];
    const char *folder = getenv("SPILLWAY_FUZZ");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: not found: SPILLWAY_FUZZ is to be the folder that tests/fuzzing.py writes\n", path);
        exit(2);
    }
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size + 1);
    CHECK(bytes && fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

static double listed[LISTED];

/* Numbers for n features and an empty row: what a margin comes to is no matter here. */
static double *made_up_rows(size_t n)
{
    double *rows = calloc(4 * (n + 1), sizeof *rows);
    CHECK(rows != NULL);
    for (size_t i = 0; i < 4 * n; i++)
        rows[i] = 1.0 + (double)(i * 2654435761u % 1000) / 997.0;
    return rows;
}

/* Everything of a scorer but its tables. */
static void set_profile(Scorer *scorer, int is_news)
{
    size_t size;
    const uint8_t *characters = read_file(is_news ? "news.characters" : "sklearn.characters", &size);
    uint8_t *settings = read_file("settings", &size);
    const uint64_t *number = (const uint64_t *)(const void *)settings;
    Reader *reader = &scorer->reader;
    CHECK(size == 15 * sizeof *number + sizeof reader->look_alike);
    reader->longest_acronym = is_news ? number[13] : 0;
    reader->stem_length = number[14];
    memcpy(&scorer->seeds, number, sizeof scorer->seeds);
    memcpy(reader->look_alike, number + 15, sizeof reader->look_alike);
    reader->characters = (Characters){(const uint16_t *)(const void *)characters, (const uint64_t *)(const void *)(characters + 0x110000 / 64 * 2),
                                      number[7], number[8], number[9], number[10], number[11], number[12]};
    fill_quick(&reader->characters, reader->quick);
    free(settings);
    reader->ascii = (Ascii){1, !is_news, is_news};
    reader->mends = is_news;
    scorer->has_pairs = 1;
    scorer->has_stems = is_news;
    scorer->mark = mark_of(best_level());
    for (int i = 1; i < LISTED; i++)
        listed[i] = 1.0 + log(i);
    scorer->linear.listed = listed;
    scorer->linear.is_sublinear = 1;
    scorer->linear.norm = L2_NORM;
    scorer->linear.n_margins = MOST_MARGINS;
    for (int m = 0; m < MOST_MARGINS; m++)
        scorer->linear.bias[m] = 0.25 * m - 0.5;
}

/* How many features packed tables claim to have. */
static size_t claimed_features(const uint8_t *packed, size_t size)
{
    return size < 8 + 8 * (size_t)ARRAYS ? 0 : (size_t)load64(packed + 8 + 8 * FEATURES) / WIDTHS[FEATURES];
}

static void expect_zeros(const void *array, size_t n_bytes)
{
    const uint8_t *bytes = array;
    CHECK(n_bytes == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n_bytes - 1) == 0));
}

/* What must hold between texts. */
static void check_rest(const Scorer *scorer, const Scratch *s, size_t n_rows)
{
    expect_zeros(s->count, (n_rows + 1) * sizeof *s->count);
    expect_zeros(s->concept_count, (scorer->concepts.n_features + 1) * sizeof *s->concept_count);
    if (s->bytes_size)
        expect_zeros(s->capital, (s->bytes_size / 64 + 1) * sizeof *s->capital);
}

/* What must hold of a text that was scored. */
static void check_found(const Scratch *s, const Text *text, size_t n_rows, const Evidence *e)
{
    CHECK(e->words == s->n_words && e->known <= e->words);
    for (size_t i = 0; i < s->n_words; i++) {
        CHECK(s->start[i] + 2 <= s->end[i] && s->end[i] <= 3 * s->low_size + 64);
        uint32_t from = s->wide ? s->from[i] : s->start[i], to = s->wide ? s->to[i] : s->end[i];
        CHECK(from < to && to <= s->n_bytes && (i == 0 || from > (s->wide ? s->to[i - 1] : s->end[i - 1])));
        CHECK(text->is_ascii || s->origin[from] < text->n);
    }
    for (size_t i = 0; i < s->n_sentences; i++)
        CHECK(s->sentence[i] < s->sentence[i + 1]);
    CHECK(s->sentence[s->n_sentences] == s->n_words);
    for (size_t i = 0; i < s->n_acronyms; i++)
        CHECK(s->acronym[i] < s->n_words && (i == 0 || s->acronym[i - 1] < s->acronym[i]));
    for (size_t i = 0; i < s->n_met; i++)
        CHECK(s->met[i].word < s->n_words && (i == 0 || s->met[i - 1].word < s->met[i].word));
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < s->hits[kind].n; i++)
            CHECK(s->hits[kind].row[i] < n_rows && s->hits[kind].word[i] < s->n_words);
}
#endif
