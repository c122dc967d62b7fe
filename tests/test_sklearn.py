"""Compiled pipelines against the pipelines themselves."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from classifier import scoring
from classifier.errors import ClassifierError, InputError
from classifier.integrations.sklearn import compile as compiled

pytestmark = pytest.mark.skipif(scoring.ENGINE == "reference", reason="pipelines are compiled for the compiled kernel only")

WORDS = (
    "minsk tech firm left office Minsk IT developers the and of moved Vilnius snake_case under_ x9 2021 42 a I naïve café Čapek",
    "Беларусь айтишники уехали ИТ в Вильнюс Ёлка İstanbul ıssız DİYAR ΟΔΟΣ ΣΟΦΟΣ Σ straße STRASSE ǅ 東京 技術 टेक ١٢٣ 𝔘𝔫𝔦",
    "cafe\u0301 \u212aelvin ﬁrm",
)
VOCABULARY = " ".join(WORDS).split()
LINES = [" ".join(random.Random(seed).choices(VOCABULARY, k=25)) for seed in range(60)]
LABELS = [sum(len(word) for word in line.split()) % 2 for line in LINES]
TEXTS = [
    "",
    " \n\t",
    "a",
    "nothing of this is known zzz",
    "Minsk tech firm left office",
    "minsk\0tech\0\0firm",
    "\0",
    "İstanbul DİYAR minsk",
    "ΟΔΟΣ ΣΟΦΟΣ. ΟΔΟΣa Σ ΑΣ' ΣΣ",
    "minsk\ud800tech \udfff firm\udc80",
    "\ud800",
    "naïve Café cafe\u0301 straße STRASSE",
    "Беларусь айтишники уехали",
    "東京 技術 東京技術 टेक ١٢٣ 𝔘𝔫𝔦",
    "w" * 5000 + " minsk " + "я" * 5000 + " tech",
    "minsk " * 3000,
    "minsk tech " * 1500 + "Вильнюс",
    "minsk-tech_firm,left.office's _ __ under_",
    "a minsk a tech I x firm",
    *LINES[:10],
]
SETTINGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "pairs": {"ngram_range": (1, 2)},
    "triples": {"ngram_range": (1, 3)},
    "only pairs": {"ngram_range": (2, 2)},
    "pairs and triples": {"ngram_range": (2, 3)},
    "only triples": {"ngram_range": (3, 3)},
    "case": {"lowercase": False, "ngram_range": (1, 2)},
    "english": {"stop_words": "english", "ngram_range": (1, 2)},
    "stop words": {"stop_words": ["minsk", "tech", "уехали"], "ngram_range": (1, 3)},
    "binary": {"binary": True, "ngram_range": (1, 2)},
}
COUNTS: dict[str, dict[str, Any]] = {
    "few": {"max_features": 10},
    "integers": {"dtype": np.int32},
    "given": {"vocabulary": ["minsk", "tech", "a", "b c"]},
}
TFIDF: dict[str, dict[str, Any]] = {
    "sublinear": {"sublinear_tf": True, "ngram_range": (1, 2)},
    "l1": {"norm": "l1"},
    "no norm": {"norm": None, "ngram_range": (1, 2)},
    "no idf": {"use_idf": False},
    "rough idf": {"smooth_idf": False},
    "sublinear and binary": {"sublinear_tf": True, "binary": True},
    "sublinear alone": {"sublinear_tf": True, "use_idf": False, "norm": None},
}
HASHING: dict[str, dict[str, Any]] = {
    "hash l1": {"norm": "l1", "ngram_range": (1, 2)},
    "hash without norm": {"norm": None},
    "hash unsigned": {"alternate_sign": False, "ngram_range": (1, 2)},
    "few numbers": {"n_features": 5, "ngram_range": (1, 2)},
    "one number": {"n_features": 1},
    "few numbers, binary": {"n_features": 3, "binary": True},
    "few numbers, no norm": {"n_features": 2, "norm": None},
}
VECTORIZERS: dict[str, Callable[[], list[Any]]] = {
    **{f"counts, {name}": lambda options=options: [CountVectorizer(**options)] for name, options in (SETTINGS | COUNTS).items()},
    **{f"tfidf, {name}": lambda options=options: [TfidfVectorizer(**options)] for name, options in (SETTINGS | TFIDF).items()},
    **{
        f"hashing, {name}": lambda options=options: [HashingVectorizer(**{"n_features": 1000, **options})]
        for name, options in (SETTINGS | HASHING).items()
    },
    **{
        f"counts and tfidf, {name}": lambda options=options: [CountVectorizer(ngram_range=(1, 2)), TfidfTransformer(**options)]
        for name, options in {
            "defaults": {},
            "sublinear": {"sublinear_tf": True},
            "l1": {"norm": "l1"},
            "no idf": {"use_idf": False},
        }.items()
    },
    "hashing and tfidf": lambda: [HashingVectorizer(n_features=500), TfidfTransformer()],
    "hashed counts and tfidf": lambda: [HashingVectorizer(n_features=500, norm=None), TfidfTransformer(norm=None)],
    "hashed counts and sublinear tfidf": lambda: [
        HashingVectorizer(n_features=50, norm=None, alternate_sign=False),
        TfidfTransformer(sublinear_tf=True, norm="l1"),
    ],
    "hashed binary counts and sublinear tfidf": lambda: [
        HashingVectorizer(n_features=50, norm=None, binary=True),
        TfidfTransformer(sublinear_tf=True),
    ],
}
CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "logistic": LogisticRegression,
    "logistic without intercept": lambda: LogisticRegression(fit_intercept=False),
    "sgd hinge": lambda: SGDClassifier(random_state=0),
    "sgd log loss": lambda: SGDClassifier(loss="log_loss", random_state=0),
    "sgd modified huber": lambda: SGDClassifier(loss="modified_huber", random_state=0),
    "svc": LinearSVC,
    "svc without intercept": lambda: LinearSVC(fit_intercept=False),
    "ridge": RidgeClassifier,
    "ridge without intercept": lambda: RidgeClassifier(fit_intercept=False),
}


@cache
def fitted(vectorizer: str, classifier: str = "logistic") -> Pipeline:
    return make_pipeline(*VECTORIZERS[vectorizer](), CLASSIFIERS[classifier]()).fit(LINES, LABELS)


@cache
def fast(vectorizer: str) -> Any:
    return compiled(fitted(vectorizer))


def assert_same(pipeline: Pipeline, texts: Sequence[str]) -> None:
    ours = compiled(pipeline)
    found = ours.decision_function(texts)
    assert found.dtype == np.float64
    assert found.shape == (len(texts),)
    assert np.allclose(found, pipeline.decision_function(texts), rtol=0, atol=1e-6)
    assert (ours.predict(texts) == pipeline.predict(texts)).all()
    assert hasattr(ours, "predict_proba") == hasattr(pipeline, "predict_proba")
    if hasattr(pipeline, "predict_proba"):
        assert np.allclose(ours.predict_proba(texts), pipeline.predict_proba(texts), rtol=0, atol=1e-6)


@pytest.mark.parametrize("vectorizer", VECTORIZERS)
def test_every_vectorizer(vectorizer: str) -> None:
    assert_same(fitted(vectorizer), TEXTS)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
@pytest.mark.parametrize("vectorizer", ["tfidf, sublinear", "hashing, defaults", "counts, triples"])
def test_every_classifier(vectorizer: str, classifier: str) -> None:
    assert_same(fitted(vectorizer, classifier), TEXTS)


def test_classes_are_the_classifier_s_own() -> None:
    names = np.array(["off", "on"])[LABELS]
    pipeline = make_pipeline(TfidfVectorizer(), LinearSVC()).fit(LINES, names)
    assert compiled(pipeline).classes_.tolist() == ["off", "on"]
    assert_same(pipeline, TEXTS)


def test_sparse_coefficients() -> None:
    pipeline = make_pipeline(TfidfVectorizer(), SGDClassifier(penalty="l1", random_state=0)).fit(LINES, LABELS)
    pipeline[-1].sparsify()
    assert_same(pipeline, TEXTS)


def test_steps_that_do_nothing() -> None:
    assert_same(Pipeline([("words", TfidfVectorizer()), ("none", "passthrough"), ("svc", LinearSVC())]).fit(LINES, LABELS), TEXTS)


def test_what_is_set_on_a_fitted_vectorizer_has_the_effect_that_it_has_in_scikit_learn() -> None:
    """Which is none on the weights, and all on the words."""
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()).fit(LINES, LABELS)
    assert_same(pipeline.set_params(tfidfvectorizer__norm=None, tfidfvectorizer__ngram_range=(1, 1)), TEXTS)


def test_weights_given_by_hand() -> None:
    vectorizer = TfidfVectorizer(vocabulary=["minsk", "tech"])
    vectorizer.idf_ = np.array([2.0, 0.5])
    classifier = LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    assert_same(make_pipeline(vectorizer, classifier), TEXTS)


@pytest.mark.parametrize("as_what", [list, tuple, iter, np.array, lambda texts: np.array(texts, dtype=object)])
def test_texts_may_be_any_iterable(as_what: Callable[[list[str]], Any]) -> None:
    assert (fast("tfidf, pairs").decision_function(as_what(LINES)) == fast("tfidf, pairs").decision_function(LINES)).all()


def test_no_texts_no_answers() -> None:
    ours = fast("tfidf, pairs")
    assert (ours.decision_function([]).shape, ours.predict_proba([]).shape, ours.predict([]).shape) == ((0,), (0, 2), (0,))


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InputError, match="expected a str, found bytes"):
        fast("tfidf, pairs").predict([b"minsk"])
    with pytest.raises(InputError, match="texts: expected several, found one str"):
        fast("tfidf, pairs").predict("minsk")


SOME_TEXT = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="abcAB _.'ΣσΑİiıIßéЯя\u0301\0\ud800", max_size=60),
    st.lists(st.sampled_from([*VOCABULARY, ".", "\n", "-", ""]), max_size=300).map(" ".join),
)


@pytest.mark.parametrize(
    "vectorizer", ["tfidf, sublinear", "counts, stop words", "tfidf, case", "hashing, triples", "hashing, few numbers"]
)
@given(texts=st.lists(SOME_TEXT, min_size=1, max_size=5))
def test_equals_the_pipeline_on_made_up_text(vectorizer: str, texts: list[str]) -> None:
    assert np.allclose(fast(vectorizer).decision_function(texts), fitted(vectorizer).decision_function(texts), rtol=0, atol=1e-6)


@pytest.mark.parametrize("vectorizer", ["tfidf, sublinear", "hashing, few numbers"])
@given(texts=st.lists(SOME_TEXT, max_size=5))
def test_alone_or_in_a_batch_is_the_same(vectorizer: str, texts: list[str]) -> None:
    alone = [fast(vectorizer).decision_function([text])[0] for text in texts]
    assert fast(vectorizer).decision_function(texts).tolist() == alone


def test_batches_are_in_order() -> None:
    texts = TEXTS * 40
    assert np.allclose(fast("tfidf, triples").decision_function(texts), np.tile(fast("tfidf, triples").decision_function(TEXTS), 40))


def test_two_threads_give_what_one_gives() -> None:
    ours, texts = fast("tfidf, sublinear"), LINES * 50
    expected = ours.decision_function(texts).tolist()
    with ThreadPoolExecutor(2) as pool:
        assert all(found.tolist() == expected for found in pool.map(ours.decision_function, [texts] * 20))


@pytest.mark.slow
@pytest.mark.parametrize("lowercase", [True, False])
def test_every_code_point_is_read_as_scikit_learn_reads_it(lowercase: bool) -> None:
    """Hashed to so many numbers, each with a weight of its own, that another word shows."""
    vectorizer = HashingVectorizer(lowercase=lowercase, norm=None)
    classifier = SGDClassifier(random_state=0).fit(vectorizer.transform(LINES[:2]), [0, 1])
    classifier.coef_ = np.random.default_rng(0).normal(size=(1, vectorizer.n_features))
    pipeline = make_pipeline(vectorizer, classifier)
    for context in ("{0} {0}{0}", "ab{0}cd", "AB{0}"):
        texts = [" ".join(context.format(chr(c)) for c in range(first, first + 64)) for first in range(0, 0x110000, 64)]
        assert np.allclose(compiled(pipeline).decision_function(texts), pipeline.decision_function(texts), rtol=0, atol=1e-9)


def refused(*steps: Any, labels: Sequence[Any] = LABELS) -> Pipeline:
    return make_pipeline(*steps).fit(LINES, labels)


def after(pipeline: Pipeline, **parameters: Any) -> Pipeline:
    return pipeline.set_params(**parameters)


REFUSALS: dict[str, tuple[Callable[[], Any], str]] = {
    "no pipeline": (LogisticRegression, "pipeline: expected a scikit-learn Pipeline, found LogisticRegression"),
    "one step": (lambda: make_pipeline(TfidfVectorizer()), "pipeline: expected a vectorizer and a classifier, found 1 steps"),
    "another step": (
        lambda: refused(TfidfVectorizer(), TruncatedSVD(2), LogisticRegression()),
        "step 'truncatedsvd': found TruncatedSVD, expected TfidfTransformer, or nothing",
    ),
    "another vectorizer": (
        lambda: make_pipeline(TfidfTransformer(), LogisticRegression()),
        "step 'tfidftransformer': found TfidfTransformer, expected one of CountVectorizer, TfidfVectorizer, HashingVectorizer",
    ),
    "another classifier": (
        lambda: refused(TfidfVectorizer(), Perceptron()),
        "step 'perceptron': found Perceptron, expected one of LogisticRegression, SGDClassifier, LinearSVC, RidgeClassifier",
    ),
    "weighed twice": (
        lambda: refused(TfidfVectorizer(), TfidfTransformer(), LogisticRegression()),
        "step 'tfidftransformer': found TfidfTransformer, expected no TfidfTransformer behind what weighs already",
    ),
    "weighed twice by transformers": (
        lambda: refused(CountVectorizer(), TfidfTransformer(), TfidfTransformer(), LogisticRegression()),
        "step 'tfidftransformer-2': found TfidfTransformer, expected no TfidfTransformer behind",
    ),
    "analyzer": (
        lambda: refused(TfidfVectorizer(analyzer="char_wb"), LogisticRegression()),
        "step 'tfidfvectorizer': analyzer is 'char_wb': expected 'word'",
    ),
    "tokenizer": (
        lambda: refused(TfidfVectorizer(tokenizer=str.split, token_pattern=None), LogisticRegression()),
        "step 'tfidfvectorizer': tokenizer is <method 'split' of 'str' objects>: expected None",
    ),
    "preprocessor": (
        lambda: refused(CountVectorizer(preprocessor=str.upper), LogisticRegression()),
        "step 'countvectorizer': preprocessor is <method 'upper' of 'str' objects>: expected None",
    ),
    "token pattern": (
        lambda: after(refused(CountVectorizer(), LogisticRegression()), countvectorizer__token_pattern=r"\w+"),  # noqa: S106 - no password
        r"step 'countvectorizer': token_pattern is '\\w+': expected '(?u)\\b\\w\\w+\\b'",
    ),
    "accents": (
        lambda: refused(CountVectorizer(strip_accents="unicode"), LogisticRegression()),
        "step 'countvectorizer': strip_accents is 'unicode': expected None",
    ),
    "input": (
        lambda: after(refused(CountVectorizer(), LogisticRegression()), countvectorizer__input="filename"),
        "step 'countvectorizer': input is 'filename': expected 'content'",
    ),
    "four words": (
        lambda: refused(CountVectorizer(ngram_range=(1, 4)), LogisticRegression()),
        "step 'countvectorizer': ngram_range is (1, 4): expected (least, most) with 1 <= least <= most <= 3",
    ),
    "n-grams upside down": (
        lambda: after(refused(CountVectorizer(), LogisticRegression()), countvectorizer__ngram_range=(2, 1)),
        "step 'countvectorizer': ngram_range is (2, 1): expected",
    ),
    "stop words": (
        lambda: after(refused(CountVectorizer(), LogisticRegression()), countvectorizer__stop_words="french"),
        "step 'countvectorizer': stop_words is 'french': expected None, 'english' or a list of words",
    ),
    "single precision": (
        lambda: refused(TfidfVectorizer(dtype=np.float32), LogisticRegression()),
        "step 'tfidfvectorizer': dtype is <class 'numpy.float32'>: expected numpy.float64",
    ),
    "short counts": (
        lambda: refused(CountVectorizer(dtype=np.int8), LogisticRegression()),
        "step 'countvectorizer': dtype is <class 'numpy.int8'>: expected numpy.float64, or an integer of 32 bits or more",
    ),
    "norm": (
        lambda: after(refused(CountVectorizer(), TfidfTransformer(), LogisticRegression()), tfidftransformer__norm="max"),
        "step 'tfidftransformer': norm is 'max': expected 'l1', 'l2' or None",
    ),
    "signed logarithms": (
        lambda: make_pipeline(HashingVectorizer(norm=None), TfidfTransformer(sublinear_tf=True, use_idf=False), LogisticRegression()),
        "step 'hashingvectorizer': alternate_sign is True: expected False before a TfidfTransformer with sublinear_tf",
    ),
    "two norms": (
        lambda: refused(HashingVectorizer(n_features=50), TfidfTransformer(norm=None), LogisticRegression()),
        "step 'hashingvectorizer': norm is 'l2': expected None before a TfidfTransformer",
    ),
    "too many numbers": (
        lambda: after(refused(HashingVectorizer(n_features=50), LogisticRegression()), hashingvectorizer__n_features=1 << 27),
        "step 'hashingvectorizer': n_features is 134217728: expected at most 67,108,864",
    ),
    "three classes": (
        lambda: refused(CountVectorizer(), LogisticRegression(), labels=[n % 3 for n in range(60)]),
        "step 'logisticregression': classes_ are [0, 1, 2]: expected two",
    ),
    "two labels at once": (
        lambda: refused(CountVectorizer(), RidgeClassifier(), labels=[[n % 2, n % 3 % 2] for n in range(60)]),
        "step 'ridgeclassifier': classes_ are [0, 1]: expected two, and of each text one",
    ),
    "no vocabulary": (
        lambda: make_pipeline(CountVectorizer(), LogisticRegression().fit([[0], [1]], [0, 1])),
        "step 'countvectorizer': CountVectorizer is not fitted: expected it to have vocabulary_",
    ),
    "no idf": (
        lambda: make_pipeline(CountVectorizer().fit(LINES), TfidfTransformer(), LogisticRegression().fit([[0], [1]], [0, 1])),
        "step 'tfidftransformer': TfidfTransformer is not fitted: expected it to have idf_",
    ),
    "not fitted at all": (
        lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
        "step 'tfidfvectorizer': TfidfVectorizer is not fitted",
    ),
    "no coefficients": (
        lambda: make_pipeline(HashingVectorizer(), LogisticRegression()),
        "step 'logisticregression': LogisticRegression is not fitted: expected it to have coef_",
    ),
    "parts that do not fit together": (
        lambda: make_pipeline(CountVectorizer().fit(["minsk tech"]), LogisticRegression().fit([[0], [1]], [0, 1])),
        "step 'countvectorizer': found 2 features, 2 idf and 1 coefficients: expected as many of each",
    ),
    "words that cannot be met": (
        lambda: make_pipeline(CountVectorizer(vocabulary=["a"]).fit(LINES), LogisticRegression().fit([[0], [1]], [0, 1])),
        "step 'countvectorizer': vocabulary_ has 1 features: expected an n-gram that can be met",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_represented_is_refused(name: str) -> None:
    make, message = REFUSALS[name]
    with pytest.raises(InputError) as refusal:
        compiled(make())
    assert str(refusal.value).startswith(message)


def test_a_subclass_may_do_something_else() -> None:
    class Louder(TfidfVectorizer):
        pass

    with pytest.raises(InputError, match="step 'louder': found Louder, expected one of"):
        compiled(refused(Louder(), LogisticRegression()))


def test_the_example_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parent.parent / "docs" / "sklearn.md").read_text()
    [example] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(example, {})  # noqa: S102 - our own example
    assert capsys.readouterr().out.startswith("['tech']")
    [shown] = re.findall(r"^    (step .*)$", page, re.MULTILINE)
    assert shown == REFUSALS["analyzer"][1]


def test_without_the_compiled_kernel_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "ENGINE", "reference")
    with pytest.raises(ClassifierError, match="compiling a pipeline needs the compiled kernel: this installation was built without it"):
        compiled(fitted("tfidf, pairs"))
    monkeypatch.setenv("SPILLWAY_KERNEL", "reference")
    with pytest.raises(ClassifierError, match="expected SPILLWAY_KERNEL unset or 'compiled', found 'reference'"):
        compiled(fitted("tfidf, pairs"))
