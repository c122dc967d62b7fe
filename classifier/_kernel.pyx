# cython: language_level=3, boundscheck=False, wraparound=False
"""The scoring loop, compiled: the same numbers as `_reference`, bit for bit. What happens to a text stands in kernel/*.h; here is only how
Python's objects get there and back. The loop runs without the interpreter's lock, a batch of texts at a time."""

import math
from array import array

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

cimport cython

from classifier import _characters, tables, tokens
from classifier.concepts import Lexicon, Met
from classifier.errors import InputError, ModelError
from classifier.evidence import Evidence


cdef extern from "Python.h":
    int PyUnicode_IS_ASCII(object text)


cdef extern from "kernel/unpack.h" nogil:
    enum: BEYOND_CYRILLIC, MOST_FACETS, LISTED, NO_NORM, L1_NORM, L2_NORM, DONE, NO_MEMORY, NEEDS_LOWER, WORDS, MORE_WORDS, KINDS
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
        uint32_t quick[1]
        int mends
    ctypedef struct c_Seeds "Seeds":
        uint64_t word[2]
        uint64_t pair[2]
        uint64_t stem[2]
        uint64_t acronym
    ctypedef struct c_Table "Table":
        pass
    ctypedef struct c_Linear "Linear":
        c_Table table
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
        uint32_t *sentence
        uint32_t *breaks
        uint64_t *key
        c_Met *met
        c_Hits *hits
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
    const char *unpack_table(const uint8_t *const *, const size_t *, size_t, c_Table *)
    const char *unpack(const uint8_t *, size_t, size_t, c_Scorer *, const uint32_t **)
    enum: FIT, TOO_FEW, NOT_RISING, NOT_IN_TABLE
    int check_features(const c_Scorer *, const uint32_t *, const uint8_t *, size_t, size_t, size_t *)
    int read_text(const c_Scorer *, const c_Text *, Scratch *)
    int score_text(const c_Scorer *, const c_Text *, Scratch *, c_Evidence *)
    c_Evidence weigh(const c_Scorer *, Scratch *, const Run *, size_t)
    c_Evidence weigh_all(const c_Scorer *, Scratch *)
    void meet_facets(const c_Concepts *, Scratch *, const uint32_t *)
    void count_words(const c_Concepts *, const Scratch *, size_t word, size_t end, uint32_t *)
    Mark mark_of(int level)
    void fill_quick(const c_Characters *, uint32_t *)
    int best_level()


cdef extern from "kernel/runs.h" nogil:
    ctypedef struct Place:
        size_t start, end
    Place place_of(const Scratch *, const c_Text *, size_t word)
    int read_passages(const c_Scorer *, const c_Text *, Scratch *, const Place *, size_t, Run *, int *is_cut)


cdef extern from "kernel/pipeline.h" nogil:
    ctypedef struct c_Pipeline "Pipeline":
        c_Reader reader
        Mark mark
        c_Seeds seeds
        c_Linear linear
        c_Table stop
        uint32_t least, most, n_hashed
        int has_stop, has_signs
    int margin_of(const c_Pipeline *, const c_Text *, Scratch *, double *)


LEVELS = ("plain", "sse2", "avx2")
"""How the bytes of a text are looked at, 1, 16 or 32 at once; all give the same."""
BEST_LEVEL = LEVELS[best_level()]
"""The last that the CPU knows."""
BATCH = 256
"""Texts scored before the interpreter's lock is asked for again."""
NORMS = {None: NO_NORM, "l1": L1_NORM, "l2": L2_NORM}


def listed_counts(is_sublinear, is_binary):
    """What a count becomes, for the counts below LISTED."""
    if is_binary:
        return array("d", [0.0, *[1.0] * (LISTED - 1)])
    return array("d", [0.0, *(1.0 + math.log(count) if is_sublinear else count for count in range(1, LISTED))])


LISTED_COUNTS = listed_counts(True, False)


class NeedsLowerError(Exception):
    """A letter of the text has a small form that hangs on its neighbours, which only Python's own `lower` knows."""


@cython.no_gc_clear  # or __dealloc__ would find nothing left to free
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


cdef size_t view_batch(tuple texts, size_t first, c_Text *views) except 0:
    """How many texts the next batch has, and views of them."""
    cdef size_t n = min(len(texts) - first, BATCH), i
    for i in range(n):
        views[i] = text_of(texts[first + i])
    return n


cdef Mark mark_at(str level) except NULL:
    if level not in LEVELS:
        raise InputError(f"level {level!r}: expected one of {', '.join(LEVELS)}")
    cdef Mark mark = mark_of(LEVELS.index(level))
    if mark == NULL:
        raise InputError(f"level {level!r}: this CPU knows {', '.join(LEVELS[:best_level() + 1])}")
    return mark


cdef void set_seeds(c_Seeds *seeds):
    for half in range(2):
        seeds.word[half], seeds.pair[half], seeds.stem[half] = tables.WORD[half], tables.PAIR[half], tables.STEM[half]
    seeds.acronym = tables.ACRONYM


cdef void set_characters(c_Reader *reader, bytes blocks, bytes entries):
    cdef c_Characters *characters = &reader.characters
    characters.block = <const uint16_t *>PyBytes_AS_STRING(blocks)
    characters.entry = <const uint64_t *>PyBytes_AS_STRING(entries)
    characters.separator, characters.dropped, characters.itself = _characters.SEPARATOR, _characters.DROPPED, _characters.ITSELF
    characters.upper, characters.small, characters.needs_lower = _characters.UPPER, _characters.SMALL, _characters.NEEDS_LOWER
    fill_quick(characters, reader.quick)


cdef fill_places(Place *places, spans):
    cdef size_t i, last = 0
    for i, span in enumerate(spans):
        places[i].start, places[i].end = span.start, span.end
        if places[i].start < last:
            raise InputError(f"passage from {span.start}: expected passages in order and apart, found one that ends at {last}")
        last = places[i].end


_new = tuple.__new__


cdef set_table(c_Table *to, table):
    """Points at the arrays of a `tables.Table`, which the caller keeps."""
    cdef const uint8_t *arrays[3]
    cdef size_t lengths[3]
    cdef const uint8_t[::1] view
    for number, one in enumerate(table):
        view = memoryview(one).cast("B")
        arrays[number], lengths[number] = &view[0], len(one)
    cdef const char *wrong = unpack_table(arrays, lengths, len(table.features), to)
    if wrong != NULL:
        raise ModelError(f"table: {wrong.decode()}")


def misfit(bytes features, size_t n, bytes packed, profile):
    """As `tables.misfit`."""
    cdef c_Scorer c
    cdef const uint32_t *feature
    cdef size_t line = 0
    cdef const char *wrong
    memset(&c, 0, sizeof(c))
    wrong = unpack(<const uint8_t *>PyBytes_AS_STRING(packed), len(packed), n, &c, &feature)
    if wrong != NULL:
        return tables.Misfit(wrong.decode())
    set_seeds(&c.seeds)
    if profile == "news":
        blocks, entries = tables.characters(profile)
        c.has_stems, c.reader.longest_acronym = True, tokens.LONGEST_ACRONYM
        set_characters(&c.reader, blocks, entries)
    outcome = check_features(&c, feature, <const uint8_t *>PyBytes_AS_STRING(features), len(features), n, &line)
    return None if outcome == FIT else tables.Misfit({TOO_FEW: tables.LINES, NOT_RISING: tables.ORDER, NOT_IN_TABLE: tables.ROWS}[outcome], line)


cdef evidence_of(c_Evidence *found):
    """As Evidence(...), which takes four times as long."""
    return _new(Evidence, (found.margins[0], found.margins[1], found.margins[2], found.known, found.words))


cdef class Scorer:
    """Scores texts against one model. Holds no state between texts.

    level: one of LEVELS that the CPU knows, or the best of them.
    """

    cdef c_Scorer c
    cdef Scratches scratches
    cdef object model, reference, lexicon
    cdef tuple kept
    cdef const uint32_t *feature
    cdef readonly str level

    def __init__(self, model, level=None):
        cdef bytes packed = model.tables or tables.for_model(model.features, model.idf, model.profile, model.concepts)
        cdef const char *wrong = unpack(<const uint8_t *>PyBytes_AS_STRING(packed), len(packed), len(model.idf), &self.c, &self.feature)
        if wrong != NULL:
            raise ModelError(f"model {model.name!r}: tables: {wrong.decode()}")
        if not tables.weigh_as(packed, model.concepts):
            raise ModelError(f"model {model.name!r}: tables: expected none where features or concepts are changed, found those of others")
        self.level = level or BEST_LEVEL
        self.c.mark = mark_at(self.level)
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
        set_characters(reader, blocks, entries)
        for script, alike in enumerate(tokens.look_alikes()):
            for letter in range(BEYOND_CYRILLIC):
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
                n = view_batch(held, first, views)
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
        """A text read once: the evidence of its passages, alone and together, and of the whole, with the shares of that."""
        try:
            return Reading(self, text, spans)
        except NeedsLowerError:
            return self._reference().read(text, spans)

    cdef _share_out(self, found):
        from classifier import shares  # only explain needs it

        if self.lexicon is None:
            self.lexicon = Lexicon(self.model.concepts.facets)
        return shares.share_out(shares.Found(*found), self.model, self.lexicon)

    def _reference(self):
        if self.reference is None:
            from classifier import _reference  # few texts need it

            self.reference = _reference.Scorer(self.model)
        return self.reference


@cython.no_gc_clear  # or __dealloc__ would have nowhere to take its scratch back to
cdef class Reading:
    """What one pass over a text notes down."""

    cdef Scorer scorer
    cdef Scratch *scratch
    cdef Run *runs
    cdef size_t n
    cdef c_Text view
    cdef object text
    cdef int is_cut
    cdef const uint32_t *met_within
    cdef list alone

    def __init__(self, Scorer scorer, text, spans):
        self.scorer, self.text, self.view, self.n = scorer, text, text_of(text), len(spans)
        self.scratch = scorer.scratches.lend()
        self.runs = <Run *>malloc((self.n + 1) * sizeof(Run))
        cdef Place *passages = <Place *>malloc((self.n + 1) * sizeof(Place))
        cdef int outcome = NO_MEMORY
        try:
            if self.runs != NULL and passages != NULL:
                fill_places(passages, spans)
                with nogil:
                    outcome = read_passages(&scorer.c, &self.view, self.scratch, passages, self.n, self.runs, &self.is_cut)
        finally:
            free(passages)
        if outcome == NEEDS_LOWER:
            raise NeedsLowerError
        if outcome == NO_MEMORY:
            raise MemoryError
        self.met_within = self.scratch.breaks

    def __dealloc__(self):
        if self.scratch != NULL:
            self.scorer.scratches.take_back(self.scratch)
        free(self.runs)

    cdef void _meet(self, const uint32_t *sentence) noexcept:
        """Facets are met within these sentences from now on: the text's own, or those that passages cut."""
        if self.scorer.c.has_concepts and self.is_cut and self.met_within != sentence:
            meet_facets(&self.scorer.c.concepts, self.scratch, sentence)
        self.met_within = sentence

    @property
    def evidence(self):
        """Of each passage."""
        cdef c_Evidence found
        cdef size_t i
        if self.alone is None:
            self._meet(self.scratch.breaks)
            self.alone = []
            for i in range(self.n):
                found = weigh(&self.scorer.c, self.scratch, &self.runs[i], 1)
                self.alone.append(evidence_of(&found))
        return self.alone

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
            self._meet(self.scratch.breaks)
            found = weigh(&self.scorer.c, self.scratch, runs, n)
        finally:
            free(runs)
        return evidence_of(&found)

    def document(self):
        """The evidence of the whole text taken as one document, in which sentences go on from one passage to another."""
        cdef c_Evidence found
        self._meet(self.scratch.sentence)
        found = weigh_all(&self.scorer.c, self.scratch)
        return evidence_of(&found)

    def shares(self):
        """What each word and each feature adds to the topic of `document`."""
        return self.scorer._share_out((self._places(), self._occurrences(), self._met()))

    cdef _places(self):
        """The code points of each word."""
        cdef list found = []
        cdef size_t word
        cdef Place place
        for word in range(self.scratch.n_words):
            place = place_of(self.scratch, &self.view, word)
            found.append((place.start, place.end))
        return found

    cdef _occurrences(self):
        """Every feature found: its number, and those of its words."""
        cdef list found = []
        cdef c_Hits *hits
        cdef size_t i, word, n_words
        for kind in range(KINDS):
            hits = &self.scratch.hits[kind]
            n_words = 2 if kind == MORE_WORDS else 1
            for i in range(hits.n):
                word = hits.word[i]
                found.append((self.scorer.feature[hits.row[i]], tuple(range(word, word + n_words))))
        return found

    cdef _met(self):
        """Of each sentence of the text, the facets that are met, by each word."""
        cdef uint32_t n_words[MOST_FACETS]
        cdef list found = []
        cdef size_t sentence, end, i = 0, facet
        cdef Scratch *scratch = self.scratch
        names = sorted(self.scorer.model.concepts.facets)
        self._meet(scratch.sentence)
        for sentence in range(scratch.n_sentences):
            end = scratch.sentence[sentence + 1]
            found.append([])
            while i < scratch.n_met and scratch.met[i].word < end:
                count_words(&self.scorer.c.concepts, scratch, scratch.met[i].word, end, n_words)
                for facet in range(self.scorer.c.concepts.n_facets):
                    if n_words[facet]:
                        found[sentence].append(Met(names[facet], scratch.met[i].word, n_words[facet]))
                i += 1
        return found

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


cdef class Pipeline:
    """The margins of a scikit-learn pipeline. Holds no state between texts.

    least, most: words of an n-gram. stop: table of the words that are left out, or None.
    table: of the n-grams; or None, where they are hashed to n_hashed numbers, and has_signs says whether a negative hash counts down.
    rows: float64, (features, 2): of each row of the table and of none, or of each number, idf and coefficient. norm: one of NORMS.
    level: one of LEVELS that the CPU knows, or the best of them.
    """

    cdef c_Pipeline c
    cdef Scratches scratches
    cdef tuple kept
    cdef readonly str level

    def __init__(
        self, *, bint lowercase, least, most, stop, table, n_hashed, has_signs, const double[:, ::1] rows, bint is_sublinear, bint is_binary,
        norm, bias, level=None
    ):
        cdef const double[::1] listed = listed_counts(is_sublinear, is_binary)
        self.level = level or BEST_LEVEL
        self.c.mark = mark_at(self.level)
        blocks, entries = tables.sklearn_characters(lowercase)
        self.kept = (blocks, entries, stop, table, rows, listed)
        self.c.reader.ascii.lowercase, self.c.reader.ascii.underscore = lowercase, True
        set_characters(&self.c.reader, blocks, entries)
        set_seeds(&self.c.seeds)
        self.c.least, self.c.most, self.c.n_hashed, self.c.has_signs = least, most, n_hashed, has_signs
        if stop is not None:
            set_table(&self.c.stop, stop)
            self.c.has_stop = True
        if table is not None:
            set_table(&self.c.linear.table, table)
        n_rows = n_hashed or len(table.features) + 1
        if len(rows) != n_rows or rows.shape[1] != 2:
            raise ModelError(f"rows: expected two numbers for each of {n_rows}, found ({len(rows)}, {rows.shape[1]})")
        self.c.linear.rows, self.c.linear.listed = &rows[0, 0], &listed[0]
        self.c.linear.is_sublinear, self.c.linear.is_binary = is_sublinear, is_binary
        self.c.linear.norm, self.c.linear.n_margins, self.c.linear.bias[0] = NORMS[norm], 1, bias
        self.scratches = Scratches(len(rows), 0)

    def margins(self, texts, double[::1] found):
        """Writes the margin of each text of a tuple, in order, into as many numbers."""
        cdef c_Text views[256]
        cdef int outcomes[256]
        cdef size_t first, n, i
        cdef tuple held = texts
        if len(held) != len(found):
            raise InputError(f"found: expected room for {len(held)} margins, found {len(found)}")
        cdef Scratch *scratch = self.scratches.lend()
        try:
            for first in range(0, len(held), BATCH):
                n = view_batch(held, first, views)
                with nogil:
                    for i in range(n):
                        outcomes[i] = margin_of(&self.c, &views[i], scratch, &found[first + i])
                for i in range(n):
                    if outcomes[i] == NO_MEMORY:
                        raise MemoryError
                    if outcomes[i] == NEEDS_LOWER:
                        self.margins((held[first + i].lower(),), found[first + i : first + i + 1])
        finally:
            self.scratches.take_back(scratch)
