/* Any text, scored: every level gives the same, counts are 0 afterwards, nothing is read or written beyond what is the text's, and where
   an allocation fails the next text is scored as ever.

   Input: a byte of flags, a byte of the linear model's settings, then the text. Its last byte says which allocation fails. */
#include "model.h"

enum { KIND = 3, SCORER = 12, FROM_PALETTE = 16, FAILING = 32, N_SCORERS = 4, SHIPPED = 2, MOST_CALLS = 200 };

/* Code points that the kernel treats in ways of their own, for bytes from 0x80 on. */
static const uint32_t PALETTE[] = {
    0x430, 0x435, 0x43E, 0x440, 0x441, 0x445, 0x456, 0x410, 0x415, 0x41E, 0x420, 0x421, 0x425, 0x411, 0x439, 0x451, 0x4CF, 0x501, 0x52F, 0x530,
    0x3B1, 0x3B5, 0x3BF, 0x3C9, 0x3B7, 0x391, 0x3A3, 0x3C3, 0x3C2, 0x370, 0x3FF, 0x1F80, 0xE9, 0xC9, 0xDF, 0x1E9E, 0x130, 0x131, 0x17F, 0x1C4,
    0x1C5, 0x1C6, 0xAA, 0xB2, 0xBD, 0xB7, 0xAD, 0xA0, 0x85, 0xBF, 0x300, 0x301, 0x307, 0x345, 0x483, 0x20DD, 0x200B, 0x200C, 0x200D, 0x2060,
    0xFEFF, 0x202E, 0x2028, 0x2029, 0x2026, 0x2014, 0x2019, 0x201C, 0x3002, 0xFF01, 0xFF0E, 0xFF1F, 0xFF21, 0xFF41, 0xFF3F, 0xFF10, 0x2160,
    0x217B, 0x24B6, 0xFB00, 0xFB03, 0xFDFA, 0x4E2D, 0x6587, 0x3042, 0x30AB, 0xAC00, 0x1100, 0x0E01, 0x0905, 0x093F, 0x5D0, 0x627, 0x640, 0x660,
    0x531, 0x561, 0x10A0, 0x10D0, 0x1C90, 0x2C00, 0xA640, 0xAB70, 0x13A0, 0xD800, 0xDFFF, 0xFFFD, 0xFFFF, 0x1D400, 0x1D7CE, 0x1F600, 0x1F1E7,
    0x1F3FB, 0x20000, 0x10400, 0x10428, 0xE0061, 0xE0100, 0x10FFFF, 0x110000, 0x7F, 0x80, 0x7FF, 0x800, 0x10000, 0xFF, 0x100, 0x2E,
};

static Scorer scorers[N_SCORERS];
static size_t n_rows[N_SCORERS];
static Scratch used[N_SCORERS]; /* by many texts; and a new one for each */

static void set_up(void)
{
    static const char *const TABLES[N_SCORERS] = {"tiny.tables", "tiny.tables", "shipped.tables", "tiny-sklearn.tables"};
    for (int i = 0; i < N_SCORERS; i++) {
        size_t size;
        const uint32_t *features;
        const uint8_t *packed = read_file(TABLES[i], &size);
        n_rows[i] = claimed_features(packed, size);
        set_profile(&scorers[i], i < 3);
        CHECK(unpack(packed, size, n_rows[i], &scorers[i], &features) == NULL);
        scorers[i].has_concepts = i > 0 && scorers[i].concepts.n_features > 0;
        scorers[i].linear.rows = made_up_rows(n_rows[i]);
        CHECK(reserve_counts(&used[i], n_rows[i], scorers[i].concepts.n_features) == DONE);
    }
}

/* The text in a block of exactly its size. */
static Text text_of(const uint8_t *data, size_t size, int flags)
{
    static const int KINDS_OF_TEXT[] = {1, 2, 4, 4};
    int kind = KINDS_OF_TEXT[flags & KIND];
    size_t n = flags & FROM_PALETTE ? size : size / (size_t)kind;
    Text text = {malloc(n * (size_t)kind), n, kind, 1};
    CHECK(text.units || n == 0);
    if (!(flags & FROM_PALETTE) && n)
        memcpy((void *)text.units, data, n * (size_t)kind);
    for (size_t i = 0; i < n; i++) {
        if (flags & FROM_PALETTE) {
            uint32_t c = data[i] < 0x80 ? data[i] : PALETTE[data[i] - 0x80];
            if (kind == 1)
                ((uint8_t *)text.units)[i] = (uint8_t)c;
            else if (kind == 2)
                ((uint16_t *)text.units)[i] = (uint16_t)c;
            else
                ((uint32_t *)text.units)[i] = c;
        }
        text.is_ascii &= unit((&text)->units, (&text)->kind, i) < 0x80;
    }
    if ((flags & KIND) == 3)
        text.is_ascii = 0; /* as ASCII may be read too */
    return text;
}

static int score_new(const Scorer *scorer, size_t rows, const Text *text, Evidence *e)
{
    Scratch new = {0};
    int outcome = reserve_counts(&new, rows, scorer->concepts.n_features);
    if (outcome == DONE)
        outcome = score_text(scorer, text, &new, e);
    if (outcome == DONE)
        check_found(&new, text, rows, e);
    scratch_free(&new);
    return outcome;
}

/* With an allocation failing: says so, and can be used again. */
static void score_failing(const Scorer *scorer, size_t rows, const Text *text, size_t call, int expected, const Evidence *e)
{
    static const Text EMPTY = {"", 0, 1, 1};
    Evidence again;
    Scratch s = {0};
    calls_left = call;
    int outcome = reserve_counts(&s, rows, scorer->concepts.n_features);
    if (outcome == DONE) {
        outcome = score_text(scorer, text, &s, &again);
        CHECK(outcome == (calls_left == 0 ? NO_MEMORY : expected));
        calls_left = 0;
        check_rest(scorer, &s, rows);
        CHECK(call % 2 || score_text(scorer, &EMPTY, &s, &again) == DONE);
        CHECK(score_text(scorer, text, &s, &again) == expected);
        CHECK(expected != DONE || memcmp(&again, e, sizeof again) == 0);
    }
    CHECK(outcome == expected || outcome == NO_MEMORY);
    calls_left = 0;
    scratch_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (n_rows[0] == 0)
        set_up();
    if (size < 2)
        return 0;
    int number = (data[0] & SCORER) >> 2;
    Scorer scorer = scorers[number];
    Scratch *s = &used[number];
    scorer.linear.norm = (data[1] & 3) == 0 ? NO_NORM : (data[1] & 3) == 1 ? L1_NORM : L2_NORM;
    scorer.linear.n_margins = data[1] & 4 ? 1 : MOST_MARGINS;
    scorer.linear.is_sublinear = !(data[1] & 8);
    scorer.linear.is_binary = data[1] >> 4 & 1;
    Text text = text_of(data + 2, size - 2, data[0]);
    Evidence first, other;
    memset(&first, 0, sizeof first);
    int outcome = number == SHIPPED ? score_text(&scorer, &text, s, &first) /* whose counts take long to make */
                                    : score_new(&scorer, n_rows[number], &text, &first);
    CHECK(outcome == DONE ? isfinite(first.margins[0]) : outcome == NEEDS_LOWER && number == 3);
    for (int level = 0; level <= best_level(); level++) {
        scorer.mark = mark_of(level);
        memset(&other, 0, sizeof other);
        CHECK(score_text(&scorer, &text, s, &other) == outcome);
        CHECK(memcmp(&first, &other, sizeof other) == 0);
        if (outcome == DONE)
            check_found(s, &text, n_rows[number], &other);
    }
    check_rest(&scorer, s, n_rows[number]);
    if (data[0] & FAILING && number != SHIPPED)
        score_failing(&scorer, n_rows[number], &text, 1 + data[size - 1] % MOST_CALLS, outcome, &first);
    free((void *)text.units);
    return 0;
}
