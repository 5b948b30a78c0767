"""Every number of the invented town, each with where it comes from.

`source:` was read, `memory:` is known but not read again, `guess` is ours. A test refuses a number without one.
"""

from __future__ import annotations

from typing import Final

# --- people ----------------------------------------------------------------------------------------------------------

AGE_BANDS: Final[dict[tuple[int, int], int]] = {(0, 14): 14_173, (15, 64): 73_952, (65, 74): 16_149, (75, 99): 20_078}
"""Thousand persons by age. source: 人口推計 2023-10-01 (総務省統計局): 124,352 in all, 29.1 % are 65 or older."""

AGE_SHAPE: Final[dict[int, int]] = {
    0: 412, 5: 484, 10: 521, 15: 549, 20: 627, 25: 649, 30: 638, 35: 708, 40: 782, 45: 923, 50: 950, 55: 820, 60: 746,
    65: 728, 70: 887, 75: 756, 80: 592, 85: 399, 90: 262,
}  # fmt: skip
"""How people spread over the five-year steps inside a band (first age: ten thousand persons). memory: 人口推計 2023."""

HOUSEHOLD_SIZES: Final[dict[int, float]] = {1: 0.381, 2: 0.281, 3: 0.166, 4: 0.119, 5: 0.039, 6: 0.014}
"""Share of households by members. memory: 国勢調査 2020; it gives the mean 2.21 below."""

HOUSEHOLD_MEAN: Final = 2.211
"""Members per household. source: 国勢調査 2020, table 30-6 (2.21099)."""

SINGLE_SENIOR_SHARE: Final = 0.32
"""Of people living alone, those of 65 or older. memory: 国勢調査 2020."""

SMARTPHONE: Final[dict[int, float]] = {0: 0.0, 12: 0.75, 15: 0.93, 50: 0.94, 60: 0.92, 70: 0.90, 80: 0.66, 85: 0.35}
"""Share with a smartphone, from that age on. source: モバイル社会研究所 2019 (15-49: over 90 %) and 2025 (60s, 70s:
over 90 %, 80-84: two of three); guess: below 15 and from 85."""

INCOME_MEDIAN_YEN: Final = 2_540_000
"""Equivalised disposable income a year. source: 国民生活基礎調査 2022 (貧困率の状況)."""

INCOME_SIGMA: Final = 0.62
"""Spread of log income. guess: a lognormal of this spread has Gini 0.34."""

EXEMPT_BY_HEAD_AGE: Final[dict[int, float]] = {0: 0.20, 30: 0.12, 40: 0.10, 50: 0.136, 60: 0.217, 70: 0.359, 80: 0.525}
"""Share of households free of residents' tax by age of the head. source: 国民生活基礎調査 2023; guess: below 30."""

ASSESSED_LIMIT_YEN: Final = 450_000
"""At or below this assessed income no tax is due. source: 住民税の非課税限度額 for one person (合計所得 45万円)."""

SHIELDED_SHARE: Final = 0.003
"""Households whose address is kept closed (DV支援措置). guess."""

# --- spending --------------------------------------------------------------------------------------------------------

MONTHLY_FAMILY_YEN: Final = 293_997
"""Spending of a household of two or more. source: 家計調査 2023."""

MONTHLY_SINGLE_YEN: Final = 167_620
"""Spending of a person living alone. memory: 家計調査 2023; it fits 247,322 for all households (source: the same)."""

FAMILY_MEMBERS: Final = 2.9
"""Members of the household behind MONTHLY_FAMILY_YEN. memory: 家計調査 2023."""

INCOME_ELASTICITY: Final = 0.45
"""By how much spending follows income. guess."""

DECEMBER_FACTOR: Final = 1.12
"""December against the year. source: 家計調査 2023-12: 329,518 yen against 293,997."""

WEEKLY_NOISE: Final = 0.15
"""Spread (log) of one household's weeks. guess."""

WARD_WEEK_NOISE: Final = 0.01
"""Spread (log) that a ward's households share in a week: weather, a festival. guess."""

GROWTH_SPREAD: Final = 0.001
"""Spread of a household's own drift of spending, per week. guess."""

WEEKDAY_FACTOR: Final[tuple[float, ...]] = (0.94, 0.97, 0.94, 0.96, 1.00, 1.12, 1.12)
"""Shopping trips, Monday to Sunday. source: スーパーマーケット年次統計調査 2021: weekends and holidays +8.5 to +17.1 %;
guess: the differences between working days."""

HOLIDAY_FACTOR: Final = 1.12
"""A public holiday shops like a Sunday. source: the same survey counts 土日祝日 together."""

PENSION_DAY_FACTOR: Final = 1.25
"""People of 65 or older on the 15th of an even month. source: 15th of even months is pension day; guess: its size."""

HOUR_WEIGHTS: Final[dict[int, float]] = {
    7: 1, 8: 2, 9: 5, 10: 9, 11: 11, 12: 8, 13: 7, 14: 7, 15: 8, 16: 11, 17: 10, 18: 8, 19: 6, 20: 4, 21: 2, 22: 1,
}  # fmt: skip
"""Purchases by hour. source: 社会生活基本調査 1996: peaks 11:00-11:30 and 16:00-16:30; guess: the rest."""

OWN_WARD_SHARE: Final = 0.50
"""Share of trips that stay in the own ward; distance decay is solved for it. guess: 40 to 60 %."""

TICKET_SPREAD: Final = 0.6
"""Spread (log) of the amount of one purchase. guess."""

TICKET_MAX_YEN: Final = 30_000
"""Nobody pays more than this from a wallet at once. guess."""

# --- shops -----------------------------------------------------------------------------------------------------------

SHOPS_PER_RESIDENT: Final = 0.0096
"""Shops that accept. source: 苫前町 29 shops; memory: about 3,000 inhabitants."""

SHOPS_LEAST: Final = 24
"""So that a very small town still has a street. guess."""

PARETO_SHAPE: Final = 1.16
"""Sales inside a trade follow a Pareto law. guess: 80 % of sales with 20 % of shops."""

STREET_SHARE: Final = 0.45
"""Of the shops that are not large, those in a shopping street. guess."""

MEMBER_FROM_START: Final = 0.72
"""Of all shops, those that accept from the first day. guess."""

MEMBER_LATER: Final = 0.13
"""Those that join after some weeks; the others never do. guess."""

REGULAR_CLOSING_SHARE: Final = 0.6
"""Of the shops that are not large, those closed on one day of the week. guess."""

LARGE_SHOP_M2: Final = 1_000
"""A shop above this sales floor is large. source: 広島市 2015; other cities draw the line at 500."""

# --- behaviour in the programmes -------------------------------------------------------------------------------------

JOIN_SHARE_PHONE: Final = 0.56
"""Adults with a smartphone who open a wallet. guess: a voucher with 30 % on top is on sale and points are to be had, so
about half of all adults; ふくアプリ reached 17 % of a prefecture without either."""

JOIN_SHARE_CARD: Final = 0.2
"""Adults without one who take a card. guess."""

JOIN_MEAN_DAYS: Final = 4.0
"""Mean wait until the wallet is opened. guess."""

APPLY_SHARE: Final = 0.75
"""Of those with a wallet, who apply for vouchers. guess."""

UNITS_ASKED: Final[dict[int, float]] = {1: 0.15, 2: 0.25, 3: 0.25, 4: 0.10, 5: 0.25}
"""Units asked per applicant. guess; source: at most five, 名古屋市 2022-2025."""

WIN_SHARE: Final = 0.625
"""Units on sale for each unit asked. source: 名古屋市 2022-2024: 51.1 to 74.4 % of paper applications won."""

BUY_SHARE: Final = 0.97
"""Winners who buy. guess: redemption of 98-99.8 % leaves little room."""

LOCAL_MONEY_SHARE: Final = 0.45
"""Recipients who take the benefit as local money, with a bonus. guess."""

SILENT_SHARE: Final = 0.10
"""Recipients who do not choose in time. guess."""

REFUND_SHARE: Final = 0.012
"""Payments that are taken back. guess."""

COUNTER_CODE_SHARE: Final = 0.4
"""Payments by reading the shop's printed code; the others show their own. guess."""

POINT_TRIPS_WEEKLY: Final = 0.9
"""Times a week that whoever has some points uses them up at a till, beside cash. guess."""

LOST_PHONE_MONTHLY: Final = 0.002
"""Wallet holders who lose their phone in a month. guess."""

COMPLAINT_SHARE: Final = 0.01
"""Wallet holders who complain. guess."""

WALK_DAYS_WEEKLY: Final = 2.0
"""Days a week on which a holder reaches the step goal without any reward. guess."""

CLEAN_UP_WEEKLY: Final = 0.01
"""Holders who come to a clean-up in a week without any reward. guess."""

LITTER_SHARE: Final = 0.04
"""Holders who pick up litter on a day and send a photo of it. guess."""

CHECK_UP_WEEKLY: Final = 0.012
"""Holders who have a health check in a week. memory: 特定健診 reaches about 58 % a year, which is 0.011 a week."""

BUS_RIDERS: Final = 0.2
"""Holders who take the bus now and then. guess."""

BUS_DAYS_WEEKLY: Final = 3.0
"""Days a week on which they ride. guess."""

BOTTLE_CARRIERS: Final = 0.25
"""Holders with a bottle of their own who buy drinks for it. guess."""

BOTTLE_DAYS_WEEKLY: Final = 2.5
"""Days a week on which they do. guess."""

BRINGS_STEPS: Final = {0: 0.35, 40: 0.3, 60: 0.22, 70: 0.12, 80: 0.05}
"""Holders with a phone who send its steps once a week, by age. guess."""

RESTING_STEPS: Final = {0: 3_900, 65: 3_000, 75: 2_200}
"""Usual steps of a day on which the goal of the walk was not reached, by age. guess: with the days of walking they come
near the 6,793 (men) and 5,832 (women) steps a day of 国民健康・栄養調査 2019 (memory)."""

STEPS_SPREAD: Final = 0.45
"""How far the steps of one person's days lie apart (of their logarithm). guess."""

BUS_STOPS: Final = 4
"""Stops that show a code, at the halls of the first wards. guess."""

HOME_STOP_SHARE: Final = 0.6
"""Rides that begin at the stop nearest to home. guess."""

# --- budgets ---------------------------------------------------------------------------------------------------------

POINTS_BUDGET_YEN: Final = 26
"""Points budgeted for each expected holder and week, by town and sponsor together. guess: a little less than they
earn."""

POINTS_LATER_YEN: Final = 12
"""What the supplementary budget adds, for each holder and week. guess: with it the points last until the end."""

# --- first come, first served ----------------------------------------------------------------------------------------

COME_SHARE: Final = 0.45
"""Holders who come to a sale that is first come, first served. guess; source: in Nagasaki (2024) 55,000 wallets stood
before 7,432 units."""

UNITS_IN_LINE: Final[dict[int, float]] = {1: 0.25, 2: 0.30, 3: 0.20, 5: 0.25}
"""Units asked by who comes. guess."""

STOCK_SHARE: Final = 0.8
"""Units in stock for each that is asked for in the first sale. guess: so few that the last to come go without."""

STOCK_LEFT: Final = 3.0
"""Units in stock for each holder in the second sale. guess: so many that a visitor finds some."""

PAYS_BY_SLIP: Final = 0.25
"""Of those who come, who pay by a slip at a convenience store. guess."""

PAYS_AT_COUNTER: Final = 0.15
"""Of those with a phone, who rather go to the town hall's counter; without one all do. guess."""

SLEEPS_SHARE: Final = 0.08
"""Who lets the half hour go by in which the units are kept. guess."""

WITHDRAWN_SHARE: Final = 0.02
"""Paid slips that the shop takes back (速報取消). guess."""

GIVES_SHARE: Final = 0.12
"""Buyers who give some of it by a code. guess."""

TAKEN_SHARE: Final = 0.8
"""Gifts that are taken; the others come back by themselves. guess."""
