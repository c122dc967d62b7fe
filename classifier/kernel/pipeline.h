/* The margin of a text as a fitted scikit-learn pipeline has it (classifier/integrations/sklearn.py). */
#ifndef SPILLWAY_PIPELINE_H
#define SPILLWAY_PIPELINE_H

#include "hashing.h"
#include "sum.h"

/* All that is known of a pipeline; nothing in it changes. */
typedef struct {
    Reader reader;
    Mark mark;
    Seeds seeds;
    Linear linear;
    Table stop;             /* words that are left out before n-grams are made */
    uint32_t least, most;   /* words of an n-gram, from 1 to 3 */
    uint32_t n_hashed;      /* numbers that n-grams are hashed to; 0: they are looked up */
    int has_stop, has_signs;
} Pipeline;

static void find_ngrams(const Pipeline *p, Scratch *s)
{
    if (p->least == 1)
        find_words(&p->linear.table, s);
    if (p->least <= 2 && p->most >= 2)
        find_pairs(&p->linear.table, &p->seeds, s);
    if (p->most == 3)
        find_triples(&p->linear.table, &p->seeds, s);
}

static void hash_all_ngrams(const Pipeline *p, Scratch *s)
{
    join_words(s);
    for (uint32_t length = p->least; length <= p->most; length++)
        hash_ngrams(s, length, p->n_hashed, p->has_signs, &s->hits[length == 1 ? WORDS : MORE_WORDS]);
}

static int margin_of(const Pipeline *p, const Text *text, Scratch *s, double *margin)
{
    int outcome = read_words(&p->reader, p->mark, text, s);
    if (outcome != DONE)
        return outcome;
    if (p->has_stop || !p->n_hashed)
        word_keys(&p->seeds, s);
    if (p->has_stop)
        drop_words(&p->stop, s);
    s->hits[WORDS].n = s->hits[MORE_WORDS].n = 0;
    if (p->n_hashed)
        hash_all_ngrams(p, s);
    else
        find_ngrams(p, s);
    Sums sums = {0.0, {0.0, 0.0, 0.0}};
    size_t n = 0;
    for (int kind = WORDS; kind <= MORE_WORDS; kind++) {
        const Hits *hits = &s->hits[kind];
        n = p->has_signs ? count_signed(hits->row, hits->n, s->count, s->distinct, n) : count_rows(&p->linear, hits->row, hits->n, s->count, s->distinct, n);
    }
    add_terms(&p->linear, s->count, s->distinct, n, &sums);
    *margin = sums.margins[0] / norm_of(&p->linear, &sums) + p->linear.bias[0];
    return DONE;
}
#endif
