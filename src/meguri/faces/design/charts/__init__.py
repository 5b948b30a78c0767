"""Pictures of figures as SVG, each with a text twin. Pure functions: no framework, no clock, no request.

chart = charts.bars([charts.Bar("商店街", 3_400_000, "voucher")], title="…", desc="…", language="ja")
{% part "chart" chart=chart csv_url=url %}
"""

from meguri.faces.design.charts.bar_rows import Bar, bars
from meguri.faces.design.charts.circulation import FlowPlace, FlowStage, FlowStream, flow
from meguri.faces.design.charts.lines import LineMark, Point, Series, line
from meguri.faces.design.charts.money_sum import MoneyPart, money_bar, money_strip
from meguri.faces.design.charts.tally_card import TallyMark, TallyState, tally_card
from meguri.faces.design.charts.tile_map import TileArea, tiles
from meguri.faces.design.charts.town_turns import TownTurn, town_ring
from meguri.faces.design.charts.twin import Chart
from meguri.faces.design.charts.wallet_ring import RingArc, ring

__all__ = [
    "Bar", "Chart", "FlowPlace", "FlowStage", "FlowStream", "LineMark", "MoneyPart", "Point", "RingArc", "Series",
    "TallyMark", "TallyState", "TileArea", "TownTurn", "bars", "flow", "line", "money_bar", "money_strip", "ring",
    "tally_card", "tiles", "town_ring",
]  # fmt: skip
