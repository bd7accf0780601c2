"""Tables, ratios and the chart, from the results as JSON."""
import datetime
import math
import os
import pathlib
import platform
import re
import statistics
import subprocess

from .servers import ROOT

BENCH = ROOT / "bench"


# --- what it ran on ---

def versions(servers):
    """Everything that a reader needs to judge the numbers by."""
    def first_line(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.stdout.splitlines()[0] if done.stdout else "?"

    def package(name):
        return first_line("dpkg-query", "-W", "-f", "${Version}", name)
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    jars = sorted((ROOT / ".deps" / "kafka").rglob("kafka-clients-*.jar"))
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "machine": f"{os.cpu_count()} × {cpu.group(1).strip() if cpu else platform.machine()}, "
                   f"{int(memory.group(1)) / 2**20:.0f} GiB, Linux {platform.release()}",
        "compiler": first_line("gcc", "--version"),
        "kafka": jars[0].stem.removeprefix("kafka-clients-") if jars else "?",
        "elasticsearch": servers.http("GET", "/")[1]["version"]["number"],
        "clickhouse": servers.sql("SELECT version()")[0],
        "redis": servers.redis("INFO", "server").split("redis_version:")[1].split()[0]
                 + " (no append-only file, no snapshots)",
        "librdkafka": package("librdkafka1"), "hiredis": package("libhiredis-dev"),
        "libcurl": package("libcurl4"), "rsyslog": package("rsyslog"),
    }


# --- tables ---

HEADINGS = ("what", "events/s", "CPU s per 10⁶", "peak MiB", "Redis CPU s per 10⁶",
            "Elasticsearch CPU s per 10⁶", "ClickHouse CPU s per 10⁶", "Kafka CPU s per 10⁶")


def row(result):
    def server(name):
        spent = result["servers"].get(name, 0) / result["events"] * 1e6
        return f"{spent:.1f}" if spent >= 0.2 else "–"
    return (result["name"], f"{result['events'] / result['seconds']:,.0f}",
            f"{result['cpu'] / result['events'] * 1e6:.2f}", f"{result['peak_kb'] / 1024:.0f}",
            server("redis"), server("elasticsearch"), server("clickhouse"), server("kafka"))


def text_table(headings, rows):
    widths = [max(len(line[i]) for line in (headings, *rows)) for i in range(len(headings))]

    def line(cells):
        return "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                         for i, (cell, width) in enumerate(zip(cells, widths))).rstrip()
    return "\n".join([line(headings), line(["-" * width for width in widths]), *map(line, rows)])


def markdown_table(headings, rows):
    def line(cells):
        return "| " + " | ".join(cells) + " |"
    return "\n".join([line(headings), line(["---"] + ["---:"] * (len(headings) - 1)),
                      *map(line, rows)])


# --- ratios ---

RATIO_HEADINGS = ("ratio", "median", "least", "most", "bar", "")
RATE, CPU, REDIS = range(3)
RATIOS = (  # of what, of whom, text, bar
    (RATE, "cache", "replay-cache", "cache: rate, of the same commands encoded beforehand", 0.8),
    (RATE, "aggregation", "replay-aggregation",
     "aggregation: rate, of the same commands encoded beforehand", 0.8),
    (RATE, "search", "replay-search",
     "search: rate, of the same bulk bodies made beforehand, best concurrency", 0.9),
    (RATE, "analytics", "replay-analytics-in-turn",
     "analytics: rate, of the same blocks posted by curl one after the other", 0.8),
    (RATE, "analytics", "replay-analytics",
     "analytics: rate, of the same blocks posted by curl, best concurrency", 0.8),
    (RATE, "analytics-language", "replay-analytics-language-in-turn",
     "analytics with language: rate, of the same blocks posted by curl one after the other", 0.8),
    (RATE, "analytics-language", "replay-analytics-language",
     "analytics with language: rate, of the same blocks posted by curl, best concurrency", 0.8),
    (CPU, "cache", "rsyslog-set", "cache: CPU per event, of rsyslog's doing the SET", 0.33),
    (CPU, "cache", "rsyslog-set-lean", "cache: the same, of rsyslog's without parsing JSON", None),
    (CPU, "search", "rsyslog-bulk",
     "search: CPU per event, of rsyslog's doing the bulk index", 0.33),
    (CPU, "search", "rsyslog-bulk-lean",
     "search: the same, of rsyslog's without parsing JSON", None),
    (CPU, "sentiment", "aggregation", "sentiment: CPU per event, of the aggregation's", 2),
    (CPU, "tags", "aggregation", "tags: CPU per event, of the aggregation's", 2),
    (CPU, "search-language", "search", "search: CPU per event with language, of that without", None),
    (RATE, "search-language", "search", "search: rate with language, of that without", None),
    (REDIS, "cache", "hset-cache",
     "cache: Redis' CPU per event, of plain writes of the same fields", 2.2),
    (REDIS, "aggregation", "hset-ledger",
     "aggregation: Redis' CPU per event, of plain writes of the same fields", 2.2),
)


def quickest(results):
    """Of each key and size the quickest of its runs: what else the machine did is the least in it."""
    best = {}
    for result in results:
        what = result["key"], result["events"]
        if what not in best or result["seconds"] < best[what]["seconds"]:
            best[what] = result
    return list(best.values())


def rate_of(result):
    return result["events"] / result["seconds"]


def cpu_of(result):
    return result["cpu"] / result["events"]


def redis_writing(result):
    """Redis' CPU seconds without its reading of summaries for the mirror, which is no write."""
    return result["servers"]["redis"] - result["more"].get("reading", 0)


def redis_of(result):
    return redis_writing(result) / result["events"]


MEASURES = {RATE: rate_of, CPU: cpu_of, REDIS: redis_of}


def ratios(results):
    """Each ratio within each turn, as a machine is not equally fast at all times; the value is the
    median of the turns. The bars are the project's own."""
    runs = {}
    for result in results:
        runs.setdefault(result["key"], []).append(result)
    made = []
    for kind, key, peer, text, bar in RATIOS:
        if key in runs and peer in runs:
            of = MEASURES[kind]
            found = [of(one) / of(other) for one, other in zip(runs[key], runs[peer])]
            made.append({"text": text, "value": statistics.median(found), "least": min(found),
                         "most": max(found), "bar": bar, "at_least": kind == RATE})
    return made


def verdict(ratio):
    if ratio["bar"] is None:
        return ""
    good = (ratio["value"] >= ratio["bar"] if ratio["at_least"] else ratio["value"] <= ratio["bar"])
    return "PASS" if good else "miss"


def ratio_rows(made):
    return [(ratio["text"], *(f"{ratio[one]:.2f}" for one in ("value", "least", "most")),
             "–" if ratio["bar"] is None else f"{'≥' if ratio['at_least'] else '≤'} {ratio['bar']}",
             verdict(ratio)) for ratio in made]


WRITE_HEADINGS = ("processor", "guarded writes per event", "µs each", "plain writes per event",
                  "µs each")


def write_rows(results):
    """Redis' CPU for one write: what the server spent, over the number of writes."""
    by = {result["key"]: result for result in results}
    rows = []
    for name, plain in (("cache", "hset-cache"), ("aggregation", "hset-ledger")):
        if not {name, plain} <= by.keys():
            continue
        guarded, other = by[name], by[plain]
        scripts = sum(count for command, count in guarded["more"]["calls"].items()
                      if command in ("evalsha", "eval"))
        commands = other["more"]["commands"]
        rows.append((name, f"{scripts / guarded['events']:.2f}",
                     f"{redis_writing(guarded) / max(scripts, 1) * 1e6:.2f}",
                     f"{commands / other['events']:.2f}",
                     f"{other['servers']['redis'] / commands * 1e6:.2f}"))
    return rows


# --- flatness ---

FLAT_BAR = 1.25


def with_events(results):
    return [result for result in results if result["events"]]


def starts(results):
    """CPU seconds of a start by itself, of each processor: the median of its runs without events."""
    return {name: statistics.median(result["cpu"] for result in results
                                    if result["key"] == name and not result["events"])
            for name in dict.fromkeys(result["key"] for result in results if not result["events"])}


def flatness(results):
    """Of each processor the size that costs most over the one that costs least: of each size the
    median of its runs. A start belongs to no event, and its cost is taken off."""
    made, at_start = [], starts(results)
    for name in dict.fromkeys(result["key"] for result in results):
        sizes = {}
        for result in with_events(results):
            if result["key"] == name:
                sizes.setdefault(result["events"], []).append(result)
        for text, of in (("CPU per event",
                          lambda run: (run["cpu"] - at_start.get(name, 0)) / run["events"]),
                         ("peak memory", lambda run: run["peak_kb"])):
            values = [statistics.median(map(of, runs)) for runs in sizes.values()]
            ratio = max(values) / min(values)
            made.append({"text": f"{name}: {text}, most of least", "value": ratio, "least": ratio,
                         "most": ratio, "bar": FLAT_BAR, "at_least": False})
    return made


# --- files ---

def print_section(shown, made):
    print("\n" + text_table(HEADINGS, [row(result) for result in shown]))
    writes = write_rows(shown)
    if writes:
        print("\n" + text_table(WRITE_HEADINGS, writes))
    if made:
        print("\n" + text_table(RATIO_HEADINGS, ratio_rows(made)))


def markdown(about, shown, made):
    parts = [f"`{about['command']}`, {about['versions']['date']}, {about['versions']['machine']}.",
             about["text"], markdown_table(HEADINGS, [row(result) for result in shown])]
    writes = write_rows(shown)
    if writes:
        told_apart = any("reading" in result["more"] for result in shown)  # not in older results
        parts += ["Redis' own CPU for one write: all that the server spent in the run"
                  f"{', but for the reading of summaries' if told_apart else ''}, over the number of "
                  "writes:", markdown_table(WRITE_HEADINGS, writes)]
    parts.append(markdown_table(RATIO_HEADINGS, ratio_rows(made)))
    parts.append("Versions: " + ", ".join(
        f"{name} {value}" for name, value in about["versions"].items()
        if name not in ("date", "machine")) + ".")
    return "\n\n".join(parts)


HEAD = """\
# Speed

Written by `bench/run` from `bench/results.json`; the chart is [results.svg](results.svg). How it
is measured is in [README.md](README.md).
"""


def write_files(stored):
    parts = [HEAD]
    if "main" in stored:
        results = stored["main"]["results"]
        parts.append("## Side by side\n\n![events per second and CPU](results.svg)\n\n"
                     + markdown(stored["main"]["about"], quickest(results), ratios(results)))
        draw(quickest(results), BENCH / "results.svg")
    if "long" in stored:
        results = stored["long"]["results"]
        shown = quickest(with_events(results))
        parts.append("## Flat from 10⁵ to 10⁷ events\n\n"
                     + markdown(stored["long"]["about"], shown, flatness(results)))
    (BENCH / "RESULTS.md").write_text("\n".join(parts) + "\n", encoding="utf-8")


GNUPLOT = """\
set terminal svg size 960,{height} font "sans-serif,13" background "#ffffff"
set output "{output}"
set multiplot
set style fill solid 0.85 noborder
set boxwidth 0.7
unset key
set border 1
set tics nomirror scale 0.5
set grid xtics lc rgb "#dddddd"
"""
PANEL = """\
set lmargin at screen {left}
set rmargin at screen {right}
set tmargin at screen {top}
set bmargin at screen {bottom}
set title "{title}"
set yrange [-0.6:{count}-0.4]
set xrange [0:{most}*1.22]
set format x "{format}"
set xtics {step}
{labels}
$data << e
{rows}
e
plot $data using (0):1:(0):2:($1-0.36):($1+0.36):3{ytic} with boxxyerror lc rgb variable, \\
     $data using 2:1:5 with labels left offset 0.4,0 font ",11"
"""
OURS, PEER, CEILING = 0x1F6FB4, 0xC0762B, 0x9AA5AE
CHARTED = (("to Redis", ("set", "hset-cache", "cache", "replay-cache", "hset-ledger", "aggregation",
                         "replay-aggregation", "sentiment", "tags", "rsyslog-set")),
           ("to Elasticsearch", ("search", "search-language", "replay-search", "bulk",
                                 "rsyslog-bulk")))
OUR_KEYS = ("cache", "search", "search-language", "aggregation", "sentiment", "tags")


def colour(key):
    if key in OUR_KEYS:
        return OURS
    return PEER if key.startswith("rsyslog") else CEILING


def nice_step(at_least):
    """1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(at_least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= at_least)


def panel(shown, title, value, text, form, side, top, bottom):
    values = [value(one) for one in shown]
    rows = "\n".join(f'{i} {number:.3f} {colour(one["key"])} "{one["name"]}" "{text(number)}"'
                     for i, (one, number) in enumerate(zip(shown, values)))
    left, right = ((0.35, 0.66), (0.70, 0.98))[side]
    return PANEL.format(left=left, right=right, top=top, bottom=bottom, title=title,
                        count=len(shown), most=max(values), format=form, rows=rows,
                        labels="unset ytics" if side else "set ytics nomirror scale 0",
                        step=nice_step(max(values) / 4),
                        ytic="" if side else ":ytic(4)")


def draw(results, output):
    groups = [(title, [one for key in reversed(keys) for one in results if one["key"] == key])
              for title, keys in CHARTED]
    groups = [group for group in groups if group[1]]
    height = sum(95 + 27 * len(shown) for _, shown in groups)
    script, above = [GNUPLOT.format(output=output, height=height)], 0
    for title, shown in groups:
        top = 1 - (above + 40) / height
        bottom = 1 - (above + 45 + 27 * len(shown)) / height
        script.append(panel(shown, f"events per second, {title}",
                            lambda one: one["events"] / one["seconds"],
                            lambda number: f"{number / 1000:.1f}k", "%.0s%c", 0, top, bottom))
        script.append(panel(shown, "CPU seconds per 10⁶ events",
                            lambda one: one["cpu"] / one["events"] * 1e6,
                            lambda number: f"{number:.1f}", "%g", 1, top, bottom))
        above += 95 + 27 * len(shown)
    done = subprocess.run(["gnuplot"], input="\n".join(script), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise SystemExit(f"bench: gnuplot could not draw the chart: {done.stdout}")
