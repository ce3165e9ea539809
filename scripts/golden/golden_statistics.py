"""Intervals, tails, quantiles and paired tests according to SciPy; votes and pass@k by trying all subsets with fractions."""

import json
import random
import sys
from fractions import Fraction
from importlib.metadata import version
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
from scipy import stats

RESAMPLES = 200_000


def intervals() -> list[dict]:
    rows = []
    for correct, total in [(0, 1), (1, 1), (3, 7), (19, 20), (1, 400), (250, 500), (1200, 1319), (4999, 5000), (31, 100_000)]:
        for confidence in (0.9, 0.95, 0.99):
            test = stats.binomtest(correct, total)
            row = {"correct": correct, "total": total, "confidence": confidence}
            for name in ("wilson", "wilsoncc", "exact"):
                interval = test.proportion_ci(confidence, method=name)
                row[name] = [interval.low, interval.high]
            rows.append(row)
    return rows


def majority(samples: list[str | None], gold: str, k: int) -> Fraction:
    """Expected value over all k-subsets and over a uniformly random choice among the most voted answers."""
    total = Fraction(0)
    for subset in combinations(samples, k):
        votes = [answer for answer in subset if answer is not None]
        if not votes:
            continue
        most = max(map(votes.count, votes))
        leaders = {answer for answer in votes if votes.count(answer) == most}
        total += Fraction(gold in leaders, len(leaders))
    return total / comb(len(samples), k)


def votes(seed: int) -> list[dict]:
    draw = random.Random(seed)
    rows = []
    for size in (1, 4, 7, 10, 13):
        for answers in (2, 5):
            samples = [draw.choice([None, *"abcde"[:answers]]) for _ in range(size)]
            right = samples.count("a")
            rows.append(
                {
                    "samples": samples,
                    "majority": [float(majority(samples, "a", k)) for k in range(1, size + 1)],
                    "pass": [float(1 - Fraction(comb(size - right, k), comb(size, k))) for k in range(1, size + 1)],
                }
            )
    return rows


def bootstraps(seed: int) -> list[dict]:
    draw = np.random.default_rng(seed)
    rows = []
    for size, share in ((30, 0.5), (200, 0.9)):
        first = (draw.random(size) < share).astype(float)
        second = np.where(draw.random(size) < 0.7, first, (draw.random(size) < share).astype(float))
        difference = first - second

        def interval(values: np.ndarray, method: str) -> list[float]:
            options = {"n_resamples": RESAMPLES, "method": method, "rng": np.random.default_rng(seed), "batch": 10_000}
            found = stats.bootstrap((values,), np.mean, **options).confidence_interval
            return [found.low, found.high]

        only = [int(np.sum(difference > 0)), int(np.sum(difference < 0))]
        rows.append(
            {
                "first": first.tolist(),
                "second": second.tolist(),
                "percentile": interval(first, "percentile"),
                "bca": interval(first, "BCa"),
                "difference": float(np.mean(difference)),
                "standard_error": float(stats.sem(difference)),
                "difference_percentile": interval(difference, "percentile"),
                "only": only,
                "mcnemar": stats.binomtest(only[0], sum(only), 0.5).pvalue,
            }
        )
    return rows


def make_statistics(folder: Path, seed: int) -> None:
    probabilities = [1e-300, 1e-20, 1e-9, 1e-4, 0.01, 0.025, 0.3, 0.5, 0.6, 0.975, 0.999999, 1 - 1e-12]
    places = [-37.0, -9.5, -5.0, -3.0, -2.9, -1.0, -1e-3, 0.0, 0.5, 2.0, 3.1, 8.0]
    tails = [(3, 7, 0.2), (0, 9, 0.4), (60, 100, 0.5), (1000, 1319, 0.7), (40, 100_000, 3e-4), (700, 1319, 0.7)]
    values = {
        "made_with": {"python": sys.version.split()[0], **{name: version(name) for name in ("scipy", "numpy")}},
        "normal_quantile": [[p, float(stats.norm.ppf(p))] for p in probabilities],
        "normal_cdf": [[x, float(stats.norm.cdf(x))] for x in places],
        "binomial": [
            {"x": x, "n": n, "p": p, "probability": float(stats.binom.pmf(x, n, p)), "upper": float(stats.binom.sf(x - 1, n, p))}
            for x, n, p in tails
        ],
        "intervals": intervals(),
        "votes": votes(seed),
        "bootstrap": bootstraps(seed),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "statistics_golden.json").write_text(json.dumps(values, indent=1) + "\n")


if __name__ == "__main__":
    make_statistics(Path(__file__).resolve().parents[2] / "test" / "golden" / "statistics", seed=51)
