/* Any bytes as packed tables: refused, or else every look-up in them stays inside them. */
#include "model.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

static const char *const TEXTS[] = {
    "Leaving Minsk. Minsk tech raid, cookies! hi tech left\nLEFT minsk IT it leave",
    "hi tech hi tech hi-tech. tech hi. aa bb aa bb. Ab cd EF\n\nminskminskminskminskminsk minsk. raid raid raid",
    "",
};

static void score(const Scorer *scorer, size_t n_rows, const void *units, size_t n, int is_ascii)
{
    Scratch s = {0};
    Text text = {units, n, 1, is_ascii};
    Evidence e;
    CHECK(reserve_counts(&s, n_rows, scorer->concepts.n_features) == DONE);
    CHECK(score_text(scorer, &text, &s, &e) == DONE);
    check_found(&s, &text, n_rows + 1, &e); /* an empty slot may answer */
    for (size_t i = 0; scorer->has_concepts && i < s.n_met; i++) {
        uint32_t n_words[MOST_FACETS];
        count_words(&scorer->concepts, &s, s.met[i].word, s.n_words, n_words);
        for (int facet = 0; facet < MOST_FACETS; facet++)
            CHECK(n_words[facet] <= s.n_words - s.met[i].word);
    }
    check_rest(scorer, &s, n_rows);
    scratch_free(&s);
}

/* Lines of features, ours and any bytes, against the tables. */
static void check_lines(const Scorer *scorer, const uint32_t *features, size_t n_rows, const uint8_t *bytes, size_t n)
{
    static const char OURS[] = "IT\ncookies\nhi\nhi tech\nmins*\nminsk\nraid\ntech\n";
    size_t line;
    for (size_t first = 0; first < sizeof OURS - 1; first++)
        CHECK(check_features(scorer, features, (const uint8_t *)OURS + first, sizeof OURS - 1 - first, n_rows, &line) != FIT || line == n_rows);
    CHECK(check_features(scorer, features, bytes, n, n_rows, &line) != FIT || line == n_rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Scorer of_profile[2];
    if (of_profile[0].mark == NULL)
        for (int is_news = 0; is_news < 2; is_news++)
            set_profile(&of_profile[is_news], is_news);
    size_t n_rows = claimed_features(data, size);
    const uint32_t *features;
    Scorer scorer = of_profile[1];
    const char *wrong = unpack(data, size, n_rows, &scorer, &features);
    if (wrong != NULL) {
        CHECK(strlen(wrong) > 10);
        return 0;
    }
    double *rows = made_up_rows(n_rows);
    for (size_t row = 0; row < n_rows; row++)
        CHECK(features[row] < n_rows);
    scorer.linear.rows = rows;
    scorer.has_concepts = scorer.concepts.n_features > 0;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        score(&scorer, n_rows, TEXTS[i], strlen(TEXTS[i]), 1);
    size_t some = size < 300 ? size : 300; /* letters and meetings lie near the end */
    score(&scorer, n_rows, data + size - some, some, 0);
    check_lines(&scorer, features, n_rows, data + size - some, some);
    free(rows);
    return 0;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Changes one number of one array, to something near an edge, or the array's length; half the time, as else nothing would be accepted. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    uint64_t random = seed * 0x9E3779B97F4A7C15u + 1;
    const size_t header = 8 + 8 * (size_t)ARRAYS;
    if (size < header || next_random(&random) % 4 == 0)
        return LLVMFuzzerMutate(data, size, most);
    int which = (int)(next_random(&random) % ARRAYS);
    size_t at = header, bytes = 0;
    for (int i = 0; i <= which; i++) {
        at += (bytes + 7) / 8 * 8;
        bytes = (size_t)load64(data + 8 + 8 * i);
        if (bytes > size || size - at < bytes)
            return LLVMFuzzerMutate(data, size, most);
    }
    uint64_t near[] = {0, 1, bytes, bytes / WIDTHS[which], bytes / WIDTHS[which] - 1, ~(uint64_t)0, next_random(&random), next_random(&random) % 256,
                       claimed_features(data, size), (uint64_t)claimed_features(data, size) << 32};
    uint64_t number = near[next_random(&random) % (sizeof near / sizeof *near)];
    if (bytes < WIDTHS[which] || next_random(&random) % 16 == 0) {
        number = bytes + WIDTHS[which] * (next_random(&random) % 5 - 2);
        memcpy(data + 8 + 8 * which, &number, 8);
    } else {
        size_t place = next_random(&random) % 4 ? next_random(&random) % (bytes / WIDTHS[which]) : 0;
        memcpy(data + at + place * WIDTHS[which], &number, WIDTHS[which]);
    }
    return size;
}
