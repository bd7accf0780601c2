"""The law: consumed = applied + stale + skipped + dead + dropped + in flight, per partition, in metrics of processors.

    python conserve.py http://127.0.0.1:9401/metrics … [--settled] [--log log.ndjson.gz --deliveries N]
"""
import argparse
import re
import sys
import urllib.request
from collections import Counter, defaultdict

from fold import Fold, read_log

SAMPLE = re.compile(r'reviews_events_(consumed_total|total|in_flight)\{(.*)\} (\d+)')
LABEL = re.compile(r'(\w+)="([^"]*)"')


def scrape(url):
    """(processor, partition) -> {what: count}"""
    made = defaultdict(dict)
    with urllib.request.urlopen(url, timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if match := SAMPLE.fullmatch(line):
                labels = dict(LABEL.findall(match[2]))
                made[labels["processor"], labels["partition"]][labels.get("outcome", match[1])] = int(match[3])
    return made


def main():
    parser = argparse.ArgumentParser(description="check the law of conservation")
    parser.add_argument("url", nargs="+")
    parser.add_argument("--settled", action="store_true")
    parser.add_argument("--log")
    parser.add_argument("--deliveries", type=int, default=1)
    options = parser.parse_args()
    wrong, passed, totals = [], 0, defaultdict(Counter)
    for url in options.url:
        for (processor, partition), counts in scrape(url).items():
            passed += 1
            totals[processor].update(counts)
            consumed, flying = counts["consumed_total"], counts["in_flight"]
            if consumed != sum(counts.values()) - consumed or (options.settled and flying):
                wrong.append("%s partition %s: %s" % (processor, partition, counts))
    if options.log:
        made = Fold(read_log(options.log)).counts
        for processor, counts in totals.items():
            for name, ours in (("consumed", "consumed_total"), ("skipped", "skipped"), ("dead", "dead")):
                passed += 1
                if counts[ours] != made[name] * options.deliveries:
                    wrong.append("%s: %s %d, not %d" % (processor, name, counts[ours], made[name] * options.deliveries))
    for text in wrong:
        print(text)
    print("%d passed, %d failed" % (passed - len(wrong), len(wrong)))
    sys.exit(1 if wrong or not passed else 0)


if __name__ == "__main__":
    main()
