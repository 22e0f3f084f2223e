"""Time to event on arrays: Kaplan-Meier, Aalen-Johansen, and Cox regression with Efron's ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS = 40
LARGEST = 15.0  # a coefficient beyond it is separation, not an effect: exp(15) is 3 million


def kaplan_meier(time: Floats, event: NDArray[np.bool_], weight: Floats | None, grid: Floats) -> Floats:
    """The Kaplan-Meier survival curve at the times of `grid` (Kaplan and Meier, JASA 1958)."""
    moments, died, at_risk = _table(time, event.astype(np.int64), 1, weight)
    hazard = np.divide(died[0], at_risk, out=np.zeros_like(at_risk), where=at_risk > 1e-9)
    curve = np.concatenate([[1.0], np.cumprod(1 - np.minimum(hazard, 1))])
    return curve[np.searchsorted(moments, grid, side="right")]


def aalen_johansen(time: Floats, cause: NDArray[np.int64], causes: int, weight: Floats | None, grid: Floats) -> Floats:
    """Cumulative incidence of each cause (causes x grid) under competing risks (Aalen and Johansen, 1978).

    `cause` is 0 for the censored and 1..`causes` for events.
    """
    moments, died, at_risk = _table(time, cause, causes, weight)
    risk = np.where(at_risk > 1e-9, at_risk, np.inf)
    total = np.minimum(died.sum(axis=0) / risk, 1)
    before = np.concatenate([[1.0], np.cumprod(1 - total)[:-1]]) if len(moments) else np.zeros(0)
    steps = np.cumsum(before * died / risk, axis=1)
    whole = np.concatenate([np.zeros((causes, 1)), steps], axis=1)
    return whole[:, np.searchsorted(moments, grid, side="right")]


def _table(time: Floats, cause: NDArray[np.int64], causes: int, weight: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Distinct times, events by cause at each (causes x times), and how many are at risk just before."""
    heavy = np.ones(len(time)) if weight is None else weight
    moments, place = np.unique(time, return_inverse=True)
    gone = np.bincount(place, weights=heavy, minlength=len(moments))
    died = np.array([
        np.bincount(place, weights=heavy * (cause == number), minlength=len(moments))
        for number in range(1, causes + 1)
    ]).reshape(causes, len(moments))  # fmt: skip
    at_risk = heavy.sum() - np.concatenate([[0.0], np.cumsum(gone)[:-1]]) if len(moments) else np.zeros(0)
    return moments, died, at_risk


@dataclass(frozen=True, slots=True)
class CoxFit:
    """Coefficients of a Cox model and their standard errors (both of length p)."""

    coefficients: Floats
    errors: Floats


def cox(time: Floats, event: NDArray[np.bool_], covariates: Floats) -> CoxFit | None:
    """Maximum partial likelihood by Newton's method, ties as Efron (JASA 1977); `covariates` is persons x p.

    None when there is no maximum: nobody with an event, a covariate that does not vary, or one that separates.
    """
    if not event.any() or not covariates.shape[1] or not len(time):
        return None
    likelihood = _Efron(time, event, covariates)
    beta = np.zeros(covariates.shape[1])
    value, slope, information = likelihood.at(beta)
    for _ in range(STEPS):
        if not _invertible(information):
            return None
        step = np.linalg.solve(information, slope)
        scale = 1.0
        found = likelihood.at(beta + step)
        while found[0] < value - 1e-9 and scale > 1e-4:
            scale /= 2
            found = likelihood.at(beta + scale * step)
        beta, gained = beta + scale * step, found[0] - value
        value, slope, information = found
        if np.abs(beta).max() > LARGEST:
            return None
        if abs(gained) < 1e-10 * (abs(value) + 1) and np.abs(scale * step).max() < 1e-7:
            break
    if not _invertible(information):
        return None
    return CoxFit(beta, np.sqrt(np.diag(np.linalg.inv(information))))


def _invertible(information: Floats) -> bool:
    return bool(np.isfinite(information).all() and np.linalg.cond(information) < 1e12)


class _Efron:
    """The partial log-likelihood, its slope and its information, for one set of persons."""

    def __init__(self, time: Floats, event: NDArray[np.bool_], covariates: Floats) -> None:
        order = np.argsort(time, kind="stable")
        self.x = covariates[order]
        self.died = event[order]
        moments, self.first = np.unique(time[order], return_index=True)
        place = np.searchsorted(moments, time[order])
        deaths = np.bincount(place[self.died], minlength=len(moments))
        self.group = place[self.died]  # of each death
        rank = np.arange(len(self.group)) - np.concatenate([[0], np.cumsum(deaths)[:-1]])[self.group]
        self.part = rank / deaths[self.group]  # Efron: the share of the tied deaths that has left already
        self.moments = len(moments)

    def at(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """(log-likelihood, slope, information) at these coefficients."""
        line = self.x @ beta
        shift = line.max()
        heavy = np.exp(line - shift)
        p = self.x.shape[1]
        parts = np.column_stack([heavy, heavy[:, None] * self.x,
                                 (heavy[:, None] * self.x)[:, :, None].repeat(p, 2).reshape(len(heavy), -1)
                                 * np.tile(self.x, (1, p))])  # fmt: skip
        at_risk = parts[::-1].cumsum(axis=0)[::-1][self.first]
        dying = np.zeros_like(at_risk)
        np.add.at(dying, self.group, parts[self.died])
        left = at_risk[self.group] - self.part[:, None] * dying[self.group]
        total = left[:, 0]
        mean = left[:, 1 : 1 + p] / total[:, None]
        square = (left[:, 1 + p :] / total[:, None]).sum(axis=0).reshape(p, p)
        value = float(line[self.died].sum() - (np.log(total) + shift).sum())
        slope = self.x[self.died].sum(axis=0) - mean.sum(axis=0)
        return value, slope, square - mean.T @ mean
