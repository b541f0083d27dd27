"""A life cycle as data: which verb leads from which status to which."""

from __future__ import annotations

from collections.abc import Mapping

from b2b.core.errors import DomainError


class IllegalTransition(DomainError):
    """The document is not in a status that allows this step."""

    code = "illegal_transition"


class Machine:
    """States, and for each the verbs it allows and the state they lead to.

    The first state named is the initial one; a state without verbs is final.
    """

    def __init__(self, name: str, transitions: Mapping[str, Mapping[str, str]]) -> None:
        """Check that every target is a state of the machine.

        :raises ValueError: when a verb leads to an unknown state.
        """
        self.name = name
        self.transitions = {state: dict(verbs) for state, verbs in transitions.items()}
        self.initial = next(iter(self.transitions))
        self.final = frozenset(state for state, verbs in self.transitions.items() if not verbs)
        for state, verbs in self.transitions.items():
            for verb, target in verbs.items():
                if target not in self.transitions:
                    raise ValueError(f"{name}: {state} --{verb}--> {target} leads nowhere")

    @property
    def states(self) -> tuple[str, ...]:
        """All states, in the order they were declared."""
        return tuple(self.transitions)

    @property
    def open(self) -> frozenset[str]:
        """States from which something may still happen."""
        return frozenset(self.transitions) - self.final

    def choices(self) -> list[tuple[str, str]]:
        """Return (state, readable label) pairs for a model field."""
        return [(state, state.replace("_", " ").capitalize()) for state in self.transitions]

    def allows(self, state: str, verb: str) -> bool:
        """Tell whether `verb` may be done from `state`."""
        return verb in self.transitions.get(state, {})

    def sources(self, verb: str) -> frozenset[str]:
        """Return the states from which `verb` may be done."""
        return frozenset(state for state, verbs in self.transitions.items() if verb in verbs)

    def next(self, state: str, verb: str) -> str:
        """Return the state `verb` leads to.

        :raises IllegalTransition: when `state` does not allow `verb`; never skips in silence.
        """
        try:
            return self.transitions[state][verb]
        except KeyError:
            allowed = ", ".join(self.transitions.get(state, {})) or "nothing more"
            raise IllegalTransition(
                f"{self.name} is {state}: cannot {verb}; it allows {allowed}",
                machine=self.name,
                state=state,
                verb=verb,
            ) from None
