"""A line on paper: places in the order of coming, units kept in that order, and what is not paid goes to the next."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class PaperLine:
    """One sale's line. `left`: units in stock. Everybody has one place."""

    left: int
    places: dict[str, int] = field(default_factory=dict)  # units asked, in the order of coming
    kept: dict[str, int] = field(default_factory=dict)  # units that wait for their payment
    lapsed: set[str] = field(default_factory=set)
    bought: dict[str, int] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)  # slips that nobody has paid yet

    def come(self, who: str, *, units: int) -> None:
        """Take a place; whoever has one keeps it as it was."""
        self.places.setdefault(who, units)

    @property
    def waiting(self) -> list[str]:
        """Who waits, in order."""
        return [who for who in self.places if who not in self.kept.keys() | self.bought.keys() | self.lapsed]

    def move(self) -> None:
        """Keep units for who waits longest, for the last one what is left."""
        for who in self.waiting:
            if self.left == 0:
                return
            self.kept[who] = min(self.left, self.places[who])
            self.left -= self.kept[who]

    def lapse(self, who: str) -> None:
        """What was kept and not paid goes back; a slip that was ordered is still waited for."""
        if who in self.kept and who not in self.orders:
            self.left += self.kept.pop(who)
            self.lapsed.add(who)

    def order(self, who: str) -> bool:
        """Choose a slip for what is kept."""
        if who in self.kept:
            self.orders.add(who)
        return who in self.kept

    def buy(self, who: str) -> int:
        """Pay for what is kept; gives the units, 0 where nothing is."""
        units = self.kept.pop(who, 0)
        if units:
            self.bought[who] = units
            self.orders.discard(who)
        return units

    def buy_at_once(self, who: str, *, units: int) -> int:
        """At the counter: all that is asked for, or nothing."""
        if who in self.bought or units > self.left:
            return 0
        self.left -= units
        self.bought[who] = units
        return units

    def withdraw(self, who: str) -> int:
        """A shop takes its word back: the units return to the stock."""
        units = self.bought.pop(who, 0)
        self.left += units
        self.lapsed.add(who)
        return units
