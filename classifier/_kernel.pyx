# cython: language_level=3, boundscheck=False, wraparound=False
"""The scoring loop, compiled: the same numbers as `_reference`, bit for bit. What happens to a text stands in kernel/*.h; here is only how
Python's objects get there and back. The loop runs without the interpreter's lock, a batch of texts at a time."""

import math
from array import array

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from classifier import _characters, _reference, tables, tokens
from classifier._reference import Evidence
from classifier.errors import InputError, ModelError


cdef extern from "Python.h":
    int PyUnicode_IS_ASCII(object text)


cdef extern from "kernel/unpack.h" nogil:
    enum: MOST_MARGINS, LISTED, L2_NORM, DONE, NO_MEMORY, NEEDS_LOWER, WORDS, KINDS
    ctypedef struct c_Text "Text":
        const void *units
        size_t n
        int kind, is_ascii
    ctypedef struct c_Ascii "Ascii":
        int lowercase, underscore, sentences
    ctypedef struct c_Characters "Characters":
        const uint16_t *block
        const uint64_t *entry
        uint64_t separator, dropped, itself, upper, small, needs_lower
    ctypedef struct c_Reader "Reader":
        c_Ascii ascii
        c_Characters characters
        size_t longest_acronym, stem_length
        uint32_t look_alike[2][0x530]
        int mends
    ctypedef struct c_Seeds "Seeds":
        uint64_t word[2]
        uint64_t pair[2]
        uint64_t stem[2]
        uint64_t acronym
    ctypedef struct c_Linear "Linear":
        const double *rows
        const double *listed
        int is_sublinear, is_binary, norm, n_margins
        double bias[3]
    ctypedef struct c_Concepts "Concepts":
        uint32_t n_facets
        size_t n_features
    ctypedef void (*Mark)(const c_Ascii *, const uint8_t *, size_t, uint8_t *, void *) noexcept
    ctypedef struct c_Scorer "Scorer":
        c_Reader reader
        c_Seeds seeds
        c_Linear linear
        c_Concepts concepts
        Mark mark
        int has_pairs, has_stems, has_concepts
    ctypedef struct c_Hits "Hits":
        uint32_t *row
        uint32_t *word
        size_t n
    ctypedef struct c_Met "Met":
        uint32_t word, facets
    ctypedef struct Scratch:
        uint32_t *origin
        uint32_t *start
        uint32_t *from_ "from"
        uint32_t *sentence
        uint64_t *key
        c_Met *met
        c_Hits *hits
        int has_wide
        size_t n_words, n_sentences, n_met
    ctypedef struct Run:
        size_t word[2]
        size_t met[2]
        size_t hit[3][2]
        const uint32_t *sentence
    ctypedef struct c_Evidence "Evidence":
        double margins[3]
        size_t known, words
    int reserve_counts(Scratch *, size_t, size_t)
    void scratch_free(Scratch *)
    const char *unpack(const uint8_t *, size_t, size_t, c_Scorer *, const uint32_t **)
    int read_text(const c_Scorer *, const c_Text *, Scratch *)
    int score_text(const c_Scorer *, const c_Text *, Scratch *, c_Evidence *)
    c_Evidence weigh(const c_Scorer *, Scratch *, const Run *, size_t)
    void meet_facets(const c_Concepts *, Scratch *, const uint32_t *)
    Mark mark_of(int level)
    int best_level()


LEVELS = ("plain", "sse2", "avx2")
"""How the bytes of a text are looked at, 1, 16 or 32 at once; all give the same."""
BATCH = 256
"""Texts scored before the interpreter's lock is asked for again."""
LISTED_COUNTS = array("d", [0.0, *(1.0 + math.log(count) for count in range(1, LISTED))])


class NeedsLowerError(Exception):
    """A letter of the text has a small form that hangs on its neighbours, which only Python's own `lower` knows."""


cdef class Scratches:
    """What threads work with, lent to one at a time; a new one is made where none is free."""

    cdef list free
    cdef size_t n_rows, n_concepts

    def __cinit__(self, n_rows, n_concepts):
        self.free = []
        self.n_rows, self.n_concepts = n_rows, n_concepts

    cdef Scratch *lend(self) except NULL:
        cdef Scratch *scratch
        if self.free:
            return <Scratch *><size_t>self.free.pop()
        scratch = <Scratch *>calloc(1, sizeof(Scratch))
        if scratch == NULL or reserve_counts(scratch, self.n_rows, self.n_concepts) != DONE:
            if scratch != NULL:
                scratch_free(scratch)
            free(scratch)
            raise MemoryError
        return scratch

    cdef void take_back(self, Scratch *scratch):
        self.free.append(<size_t>scratch)

    def __dealloc__(self):
        for address in self.free:
            scratch_free(<Scratch *><size_t>address)
            free(<void *><size_t>address)


cdef c_Text text_of(object text) except *:
    """A view of the text's own code points."""
    cdef c_Text view
    if not isinstance(text, str):
        raise InputError(f"text: expected a str, found {type(text).__name__}")
    view.n = PyUnicode_GET_LENGTH(text)
    if view.n > tokens.LONGEST_TEXT:
        raise InputError(f"text of {view.n:,} characters: expected at most {tokens.LONGEST_TEXT:,}")
    view.units, view.kind, view.is_ascii = PyUnicode_DATA(text), PyUnicode_KIND(text), PyUnicode_IS_ASCII(text)
    return view


cdef void set_seeds(c_Seeds *seeds):
    for half in range(2):
        seeds.word[half], seeds.pair[half], seeds.stem[half] = tables.WORD[half], tables.PAIR[half], tables.STEM[half]
    seeds.acronym = tables.ACRONYM


cdef void set_characters(c_Characters *characters, bytes blocks, bytes entries):
    characters.block = <const uint16_t *>PyBytes_AS_STRING(blocks)
    characters.entry = <const uint64_t *>PyBytes_AS_STRING(entries)
    characters.separator, characters.dropped, characters.itself = _characters.SEPARATOR, _characters.DROPPED, _characters.ITSELF
    characters.upper, characters.small, characters.needs_lower = _characters.UPPER, _characters.SMALL, _characters.NEEDS_LOWER


cdef evidence_of(c_Evidence *found):
    return Evidence(found.margins[0], found.margins[1], found.margins[2], found.known, found.words)


cdef class Scorer:
    """Scores texts against one model. Holds no state between texts.

    level: one of LEVELS that the CPU knows, or the best of them.
    """

    cdef c_Scorer c
    cdef Scratches scratches
    cdef object model, reference
    cdef tuple kept
    cdef const uint32_t *feature
    cdef readonly str level

    def __init__(self, model, level=None):
        cdef bytes packed = model.tables or tables.for_model(model.features, model.idf, model.profile, model.concepts)
        cdef const char *wrong = unpack(<const uint8_t *>PyBytes_AS_STRING(packed), len(packed), len(model.idf), &self.c, &self.feature)
        if wrong != NULL:
            raise ModelError(f"model {model.name!r}: tables: {wrong.decode()}")
        self.level = level or LEVELS[best_level()]
        if self.level not in LEVELS:
            raise InputError(f"level {self.level!r}: expected one of {', '.join(LEVELS)}")
        self.c.mark = mark_of(LEVELS.index(self.level))
        if self.c.mark == NULL:
            raise InputError(f"level {self.level!r}: this CPU knows {', '.join(LEVELS[:best_level() + 1])}")
        blocks, entries = tables.characters(model.profile)
        rows = self._rows(model)
        self.kept = (packed, blocks, entries, rows, LISTED_COUNTS)
        self.model = model
        self._set_reader(model.profile == "news", blocks, entries)
        set_seeds(&self.c.seeds)
        self._set_linear(rows, (model.topic_bias, model.passage_bias, model.furniture_bias))
        self.c.has_pairs, self.c.has_stems, self.c.has_concepts = True, model.profile == "news", self.c.concepts.n_features > 0
        self.scratches = Scratches(len(model.idf), self.c.concepts.n_features)

    cdef _rows(self, model):
        """idf and coefficients in the order of the rows: float64, (n + 1, 4), the last 0, as an empty slot of tables made in bad faith may
        be made to answer."""
        cdef double[::1] rows = array("d", bytes(32 * (len(model.idf) + 1)))
        cdef const float[::1] idf = model.idf, topic = model.topic, passage = model.passage, furniture = model.furniture
        cdef size_t row
        cdef uint32_t feature
        for row in range(len(model.idf)):
            feature = self.feature[row]
            rows[4 * row] = idf[feature]
            rows[4 * row + 1] = topic[feature]
            rows[4 * row + 2] = passage[feature]
            rows[4 * row + 3] = furniture[feature]
        return rows

    cdef _set_reader(self, bint is_news, bytes blocks, bytes entries):
        cdef c_Reader *reader = &self.c.reader
        reader.ascii.lowercase, reader.ascii.underscore, reader.ascii.sentences = True, not is_news, is_news
        reader.longest_acronym, reader.stem_length = tokens.LONGEST_ACRONYM if is_news else 0, tokens.STEM_LENGTH
        reader.mends = is_news
        set_characters(&reader.characters, blocks, entries)
        for script, alike in enumerate(tokens.look_alikes()):
            for letter in range(0x530):
                reader.look_alike[script][letter] = alike.get(letter, letter)

    cdef _set_linear(self, const double[::1] rows, biases):
        cdef const double[::1] listed = LISTED_COUNTS
        self.c.linear.rows, self.c.linear.listed = &rows[0], &listed[0]
        self.c.linear.is_sublinear, self.c.linear.norm, self.c.linear.n_margins = True, L2_NORM, 3
        for margin in range(3):
            self.c.linear.bias[margin] = biases[margin]

    def evidence(self, text):
        """The evidence of a whole text taken as one document."""
        return self.evidence_many((text,))[0]

    def evidence_many(self, texts):
        """The evidence of each text, in order."""
        cdef c_Evidence found[256]
        cdef c_Text views[256]
        cdef int outcomes[256]
        cdef size_t first, n, i
        cdef list answers = []
        cdef tuple held = tuple(texts)
        cdef Scratch *scratch = self.scratches.lend()
        try:
            for first in range(0, len(held), BATCH):
                n = min(len(held) - first, BATCH)
                for i in range(n):
                    views[i] = text_of(held[first + i])
                with nogil:
                    for i in range(n):
                        outcomes[i] = score_text(&self.c, &views[i], scratch, &found[i])
                for i in range(n):
                    if outcomes[i] == NO_MEMORY:
                        raise MemoryError
                    if outcomes[i] == NEEDS_LOWER:
                        answers.append(self.evidence(held[first + i].lower()))
                    else:
                        answers.append(evidence_of(&found[i]))
        finally:
            self.scratches.take_back(scratch)
        return answers

    def read(self, text, spans):
        """A text read once: the evidence of its passages, alone and together."""
        try:
            return Reading(self, text, spans)
        except NeedsLowerError:
            return self._reference().read(text, spans)

    def shares(self, text):
        """What each word and each feature adds to `Evidence.topic`."""
        return self._reference().shares(text)

    def _reference(self):
        if self.reference is None:
            self.reference = _reference.Scorer(self.model)
        return self.reference


cdef class Reading:
    """What one pass over a text notes down. evidence: of each passage."""

    cdef Scorer scorer
    cdef Scratch *scratch
    cdef Run *runs
    cdef uint32_t *breaks
    cdef size_t n
    cdef object text
    cdef readonly list evidence

    def __init__(self, Scorer scorer, text, spans):
        cdef c_Text view = text_of(text)
        cdef int outcome
        self.scorer, self.text, self.n = scorer, text, len(spans)
        self.scratch = scorer.scratches.lend()
        outcome = read_text(&scorer.c, &view, self.scratch)
        if outcome == NEEDS_LOWER:
            raise NeedsLowerError
        self.runs = <Run *>malloc((self.n + 1) * sizeof(Run))
        self.breaks = <uint32_t *>malloc((self.scratch.n_sentences + 2 * self.n + 2) * sizeof(uint32_t))
        if outcome == NO_MEMORY or self.runs == NULL or self.breaks == NULL:
            raise MemoryError
        self._find_words(spans, view.is_ascii)
        self._break()
        if scorer.c.has_concepts:
            meet_facets(&scorer.c.concepts, self.scratch, self.breaks)
        self._find_features()
        self.evidence = [self.together((i,)) for i in range(self.n)]

    def __dealloc__(self):
        if self.scratch != NULL:
            self.scorer.scratches.take_back(self.scratch)
        free(self.runs)
        free(self.breaks)

    cdef size_t _place(self, size_t word, bint is_ascii):
        """The code point that a word begins with."""
        if is_ascii:
            return self.scratch.start[word]
        return self.scratch.origin[self.scratch.from_[word] if self.scratch.has_wide else self.scratch.start[word]]

    cdef _find_words(self, spans, bint is_ascii):
        """The words that begin in each passage."""
        cdef size_t word = 0, i, start, end, last = 0
        for i in range(self.n):
            start, end = spans[i].start, spans[i].end
            if start < last:
                raise InputError(f"passage from {start}: expected passages in order and apart, found one that ends at {last}")
            last = end
            while word < self.scratch.n_words and self._place(word, is_ascii) < start:
                word += 1
            self.runs[i].word[0] = word
            while word < self.scratch.n_words and self._place(word, is_ascii) < end:
                word += 1
            self.runs[i].word[1] = word

    cdef _break(self):
        """The first words of sentences, none of which goes from one passage to another; and where those of each passage are."""
        cdef size_t i = 0, sentence = 0, edge = 0, n = 0
        cdef uint32_t here, next_edge
        while True:
            here = self.scratch.sentence[sentence] if sentence < self.scratch.n_sentences else self.scratch.n_words
            next_edge = self.runs[edge // 2].word[edge % 2] if edge < 2 * self.n else self.scratch.n_words
            if next_edge < here:
                here = next_edge
            if here >= self.scratch.n_words:
                break
            if n == 0 or self.breaks[n - 1] != here:
                self.breaks[n] = here
                n += 1
            sentence += sentence < self.scratch.n_sentences and self.scratch.sentence[sentence] == here
            while edge < 2 * self.n and self.runs[edge // 2].word[edge % 2] <= here:
                edge += 1
        self.breaks[n] = self.scratch.n_words
        sentence = 0
        for i in range(self.n):
            while sentence < n and self.breaks[sentence] < self.runs[i].word[0]:
                sentence += 1
            self.runs[i].sentence = self.breaks + sentence

    cdef _find_features(self):
        """Which of the features and of the words that meet facets are each passage's; a pair is, if both its words are."""
        cdef size_t i, end
        cdef size_t at[4]
        cdef int kind
        cdef c_Hits *hits
        memset(at, 0, sizeof(at))
        for i in range(self.n):
            for kind in range(KINDS):
                hits = &self.scratch.hits[kind]
                end = self.runs[i].word[1]
                if kind == 1 and end > self.runs[i].word[0]:
                    end -= 1
                while at[kind] < hits.n and hits.word[at[kind]] < self.runs[i].word[0]:
                    at[kind] += 1
                self.runs[i].hit[kind][0] = at[kind]
                while at[kind] < hits.n and hits.word[at[kind]] < end:
                    at[kind] += 1
                self.runs[i].hit[kind][1] = at[kind]
            while at[3] < self.scratch.n_met and self.scratch.met[at[3]].word < self.runs[i].word[0]:
                at[3] += 1
            self.runs[i].met[0] = at[3]
            while at[3] < self.scratch.n_met and self.scratch.met[at[3]].word < self.runs[i].word[1]:
                at[3] += 1
            self.runs[i].met[1] = at[3]

    def together(self, passages):
        """The evidence of some passages, given by number, taken as one text."""
        cdef Run *runs = <Run *>malloc((len(passages) + 1) * sizeof(Run))
        cdef c_Evidence found
        cdef size_t n = 0
        if runs == NULL:
            raise MemoryError
        try:
            for i in passages:
                runs[n] = self.runs[self._checked(i)]
                n += 1
            found = weigh(&self.scorer.c, self.scratch, runs, n)
        finally:
            free(runs)
        return evidence_of(&found)

    cdef size_t _checked(self, passage) except? 0:
        if not 0 <= passage < self.n:
            raise IndexError(f"passage {passage}: expected a number below {self.n}")
        return passage

    def vocabulary(self, passage):
        """The words of a passage, by hash, each with its idf; one that the model does not know is as rare as the rarest."""
        cdef Run *run = &self.runs[self._checked(passage)]
        cdef c_Hits *hits = &self.scratch.hits[WORDS]
        cdef size_t at = run.hit[WORDS][0], word
        cdef dict found = {}
        rarest = self.scorer.c.linear.rows[4 * (len(self.scorer.model.idf) - 1)]
        for word in range(run.word[0], run.word[1]):
            if at < hits.n and hits.word[at] == word:
                found[self.scratch.key[word]] = self.scorer.c.linear.rows[4 * hits.row[at]]
                at += 1
            else:
                found[self.scratch.key[word]] = rarest
        return found
