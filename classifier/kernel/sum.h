/* From the features that were found to margins (the formula stands in classifier/_reference.py). */
#ifndef SPILLWAY_SUM_H
#define SPILLWAY_SUM_H

#include <math.h>

#include "table.h"

enum { MOST_MARGINS = 3, LISTED = 1024 };
enum { NO_NORM, L1_NORM, L2_NORM };

/* The linear models over one table. */
typedef struct {
    Table table;
    const double *rows;      /* of each row: idf, then a coefficient for each margin */
    const double *listed;    /* what a count becomes, for counts below LISTED: 1 + ln, say */
    int is_sublinear, is_binary;
    int norm;
    int n_margins;
    double bias[MOST_MARGINS];
} Linear;

typedef struct {
    double squares, margins[MOST_MARGINS]; /* squares: or absolute values, whatever the norm asks for */
} Sums;

/* A count that went below 0 is a high one, and given back as it is. */
static inline double value_of(const Linear *linear, uint32_t count)
{
    if (count < LISTED)
        return linear->listed[count];
    return linear->is_sublinear ? 1.0 + log((double)count) : linear->is_binary ? 1.0 : (double)(int32_t)count;
}

/* Counts rows; `distinct` holds each once, in the order in which they first occur. Their weights are fetched meanwhile, to be there when
   they are summed up (a third less time for that). */
static inline size_t count_rows(const Linear *linear, const uint32_t *rows, size_t n, uint32_t *restrict count, uint32_t *restrict distinct,
                                size_t n_distinct)
{
    const double *weights = linear->rows;
    size_t width = (size_t)linear->n_margins + 1;
    for (size_t i = 0; i < n; i++) {
        uint32_t row = rows[i], before = count[row];
        __builtin_prefetch(weights + row * width);
        distinct[n_distinct] = row;
        n_distinct += before == 0;
        count[row] = before + 1;
    }
    return n_distinct;
}

/* Adds the terms of the counted rows, and takes the counts back to 0. */
static inline __attribute__((always_inline)) void add_terms_of(const Linear *linear, int n_margins, uint32_t *count, const uint32_t *distinct, size_t n, Sums *sums)
{
    Sums total = *sums;
    for (size_t i = 0; i < n; i++) {
        const double *row = linear->rows + (size_t)distinct[i] * (size_t)(n_margins + 1);
        double value = value_of(linear, count[distinct[i]]) * row[0];
        count[distinct[i]] = 0;
        total.squares += linear->norm == L1_NORM ? fabs(value) : value * value;
        for (int m = 0; m < n_margins; m++)
            total.margins[m] += value * row[m + 1];
    }
    *sums = total;
}

static void add_terms(const Linear *linear, uint32_t *count, const uint32_t *distinct, size_t n, Sums *sums)
{
    if (linear->n_margins == 1) /* a loop for each, so that the sums stay in registers */
        add_terms_of(linear, 1, count, distinct, n, sums);
    else
        add_terms_of(linear, MOST_MARGINS, count, distinct, n, sums);
}

static double norm_of(const Linear *linear, const Sums *sums)
{
    if (linear->norm == NO_NORM || sums->squares == 0.0)
        return 1.0;
    return linear->norm == L1_NORM ? sums->squares : sqrt(sums->squares);
}
#endif
