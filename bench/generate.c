/* generate - fill a topic with reviews of realistic size: the same N and seed, the same topic.
 *
 * Of each block of 20 events 19 are new reviews and one is an edit (version 2) of a review from
 * BLOCKS_BACK blocks before, so keys need not be remembered and an edit rarely shares a batch with
 * what it edits. Products are chosen by a power law: the first of 2,000 gets about a tenth. With
 * --arriving M they come and go: each M reviews a new one is the first, and the last one gets no
 * more, so that a log goes on as it began. A topic that already holds N records is left as it is.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support.h"
#include "text.h"

enum {
    BLOCK = 20,
    BLOCKS_BACK = 50,
    MAX_EVENT_BYTES = 4096,
    MAX_TEXT_BYTES = 2400,
    REVIEWS_PER_PRODUCT = 100,
    MIN_PRODUCTS = 50,
    MAX_PRODUCTS = 20000,
    ADMIN_MS = 30000,
    FLUSH_MS = 600000,
};

struct products {
    size_t count;      /* that get reviews at a time */
    size_t arriving;   /* reviews until there is a new one; 0: there is none */
    double *cumulated; /* share of the products up to this one; the last is 1 */
};

struct event {
    char id[32], version[8];
    char value[MAX_EVENT_BYTES];
    size_t len;
};

static size_t usual_products(int64_t events)
{
    int64_t wanted = events / REVIEWS_PER_PRODUCT;
    size_t count = (size_t)(wanted < MIN_PRODUCTS ? MIN_PRODUCTS : wanted);
    return count > MAX_PRODUCTS ? MAX_PRODUCTS : count;
}

static struct products make_products(size_t count, size_t arriving)
{
    struct products made = {count, arriving, must_alloc(NULL, count * sizeof(double))};
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        made.cumulated[i] = sum += pow((double)(i + 1), -0.9);
    for (size_t i = 0; i < count; i++)
        made.cumulated[i] /= sum;
    made.cumulated[count - 1] = 1;
    return made;
}

/* By its rank: 0 gets most. */
static size_t choose_rank(const struct products *products, uint64_t *random)
{
    double roll = random_unit(random);
    size_t low = 0, high = products->count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (products->cumulated[middle] > roll)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The product follows from the review, so an edit stays with it. */
static size_t choose_product(const struct products *products, uint64_t seed, int64_t review)
{
    uint64_t random = seed + (uint64_t)review * 0x9e3779b97f4a7c15u;
    size_t rank = choose_rank(products, &random);
    if (!products->arriving)
        return rank;
    return (size_t)review / products->arriving + products->count - 1 - rank;
}

/* The shares of a review site: three of four name a trip type, ratings vary in number. */
static size_t write_members(uint64_t *random, const char *locale, char *out, size_t size)
{
    static const char *const countries[] = {"GB", "US", "FR", "DE", "ES", "TR", "JP", "IT"};
    static const char *const trips[] = {"family", "couple", "business", "solo"};
    static const char *const aspects[] = {"cleanliness", "service", "location", "value"};
    uint64_t roll = random_next(random);
    time_t when = (time_t)(1546300800 + random_next(random) % (86400u * 2400));
    struct tm utc;
    char date[32];
    gmtime_r(&when, &utc);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc);
    int len = snprintf(out, size,
                       "\"status\":\"published\",\"locale\":\"%s\",\"submittedAt\":\"%s\","
                       "\"author\":{\"id\":\"a-%" PRIu64 "\",\"country\":\"%s\"},",
                       locale, date, roll >> 40, countries[(roll >> 8) % 8]);
    if ((roll >> 12) % 4)
        len += snprintf(out + len, size - (size_t)len, "\"tripType\":\"%s\",",
                        trips[(roll >> 14) % 4]);
    len += snprintf(out + len, size - (size_t)len, "\"ratings\":{\"overall\":%d",
                    (int)(1 + (roll >> 16) % 5));
    for (size_t i = 0; i < (roll >> 20) % 5; i++)
        len += snprintf(out + len, size - (size_t)len, ",\"%s\":%d", aspects[i],
                        (int)(1 + (roll >> (24 + 2 * i)) % 5));
    len += snprintf(out + len, size - (size_t)len, "},");
    return (size_t)len;
}

/* Text lengths are skewed as those of real reviews: many short, few long, on average 240 bytes. */
static size_t text_bytes(uint64_t *random)
{
    double roll = random_unit(random);
    size_t len = (size_t)(20 - 200 * log(1 - roll)); /* and half a sentence more */
    return len < MAX_TEXT_BYTES ? len : MAX_TEXT_BYTES;
}

static const char *const locales[] = {"en", "en", "en-GB", "fr", "de", "es", "tr", "ja", "it"};

static void make_event(const struct products *products, uint64_t seed, int64_t index,
                       struct event *event)
{
    int64_t block = index / BLOCK, place = index % BLOCK;
    bool edit = place == BLOCK - 1;
    int64_t review = block * (BLOCK - 1) + place;
    uint64_t random = seed ^ (uint64_t)index * 0xd1342543de82ef95u;
    char *out = event->value;
    if (edit)
        review = (block >= BLOCKS_BACK ? block - BLOCKS_BACK : block) * (BLOCK - 1) +
                 block % (BLOCK - 1);
    size_t product = choose_product(products, seed, review);
    snprintf(event->id, sizeof(event->id), "r-%010" PRId64, review);
    snprintf(event->version, sizeof(event->version), "%d", edit ? 2 : 1);
    int len = snprintf(out, MAX_EVENT_BYTES,
                       "{\"reviewId\":\"%s\",\"version\":%s,\"productId\":\"hotel-%zu\","
                       "\"productName\":\"Bench Hotel Number %zu\",",
                       event->id, event->version, product, product);
    size_t used = (size_t)len;
    const char *locale = locales[random_next(&random) % (sizeof(locales) / sizeof(*locales))];
    used += write_members(&random, locale, out + used, MAX_EVENT_BYTES - used);
    used += (size_t)snprintf(out + used, MAX_EVENT_BYTES - used, "\"title\":\"");
    used += write_title(&random, locale, out + used);
    used += (size_t)snprintf(out + used, MAX_EVENT_BYTES - used, "\",\"text\":\"");
    used += write_text(&random, locale, text_bytes(&random), out + used, MAX_TEXT_BYTES + 64);
    used += (size_t)snprintf(out + used, MAX_EVENT_BYTES - used, "\",\"source\":\"bench\"}");
    event->len = used;
}

/* min.compaction.lag.ms keeps the cleaner, and its CPU, out of the measurements. */
static void create_topic(rd_kafka_t *handle, const char *topic, int partitions)
{
    char why[512];
    rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(topic, partitions, 1, why, sizeof(why));
    if (!made)
        die("topic %s: %s", topic, why);
    rd_kafka_NewTopic_set_config(made, "cleanup.policy", "compact");
    rd_kafka_NewTopic_set_config(made, "min.compaction.lag.ms", "604800000");
    rd_kafka_NewTopic_set_config(made, "delete.retention.ms", "604800000");
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle);
    rd_kafka_CreateTopics(handle, &made, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ADMIN_MS);
    const rd_kafka_CreateTopics_result_t *result =
        event ? rd_kafka_event_CreateTopics_result(event) : NULL;
    size_t count = 0;
    const rd_kafka_topic_result_t *const *topics =
        result ? rd_kafka_CreateTopics_result_topics(result, &count) : NULL;
    if (count != 1)
        die("topic %s: no answer to CreateTopics in %d ms", topic, ADMIN_MS);
    rd_kafka_resp_err_t error = rd_kafka_topic_result_error(topics[0]);
    if (error && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        die("topic %s: %s", topic, rd_kafka_err2str(error));
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(made);
}

static int64_t count_records(rd_kafka_t *handle, const char *topic, int partitions)
{
    int64_t count = 0;
    for (int32_t i = 0; i < partitions; i++) {
        int64_t low, high;
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__FAIL;
        for (int attempt = 0; error && attempt < 50; attempt++) {
            error = rd_kafka_query_watermark_offsets(handle, topic, i, &low, &high, 5000);
            if (error)
                pause_ms(100); /* the topic has just been made */
        }
        if (error)
            die("%s/%d: %s", topic, i, rd_kafka_err2str(error));
        count += high;
    }
    return count;
}

static void produce(rd_kafka_t *handle, const char *topic, const struct event *event)
{
    rd_kafka_resp_err_t error;
    do {
        error = rd_kafka_producev(
            handle, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(event->id, strlen(event->id)),
            RD_KAFKA_V_VALUE((void *)(uintptr_t)event->value, event->len),
            RD_KAFKA_V_HEADER("type", "review", 6),
            RD_KAFKA_V_HEADER("version", event->version, (ssize_t)strlen(event->version)),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            rd_kafka_poll(handle, 100);
    } while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    if (error)
        die("%s: %s", topic, rd_kafka_err2str(error));
    rd_kafka_poll(handle, 0);
}

static void failed_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    (void)handle, (void)opaque;
    if (message->err)
        die("not delivered: %s", rd_kafka_err2str(message->err));
}

static rd_kafka_t *open_producer(const char *brokers)
{
    static const char *const settings[] = {"linger.ms",
                                           "50",
                                           "batch.size",
                                           "1000000",
                                           "compression.codec",
                                           "lz4",
                                           "enable.idempotence",
                                           "true",
                                           "partitioner",
                                           "murmur2_random",
                                           "queue.buffering.max.kbytes",
                                           "65536",
                                           NULL};
    char why[512];
    rd_kafka_conf_t *conf = kafka_settings(brokers, settings);
    rd_kafka_conf_set_dr_msg_cb(conf, failed_delivery);
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    if (!handle)
        die("producer: %s", why);
    return handle;
}

int main(int argc, char **argv)
{
    const char *brokers, *topic;
    int64_t events, seed = 1, partitions = 4, wanted = 0, arriving = 0;
    read_arguments(argc, argv,
                   (struct argument[]){{.name = "brokers", .text = &brokers, .required = true},
                                       {.name = "topic", .text = &topic, .required = true},
                                       {.name = "events", .number = &events, .required = true},
                                       {.name = "seed", .number = &seed},
                                       {.name = "partitions", .number = &partitions},
                                       {.name = "products", .number = &wanted},
                                       {.name = "arriving", .number = &arriving},
                                       {.name = NULL}});
    struct products products =
        make_products(wanted > 0 ? (size_t)wanted : usual_products(events), (size_t)arriving);
    struct event event;
    uint64_t bytes = 0;
    char more[256];
    double begin = now_seconds();
    rd_kafka_t *handle = open_producer(brokers);
    create_topic(handle, topic, (int)partitions);
    int64_t there = count_records(handle, topic, (int)partitions);
    if (there != 0 && there != events)
        die("topic %s holds %" PRId64 " records, not %" PRId64 "; use another name", topic, there,
            events);
    for (int64_t i = 0; i < events; i++) {
        make_event(&products, (uint64_t)seed, i, &event);
        bytes += event.len;
        if (there == 0)
            produce(handle, topic, &event);
    }
    rd_kafka_resp_err_t error = rd_kafka_flush(handle, FLUSH_MS);
    if (error)
        die("flush: %s", rd_kafka_err2str(error));
    int64_t reviews = events / BLOCK * (BLOCK - 1) + events % BLOCK;
    snprintf(more, sizeof(more),
             "\"reviews\":%" PRId64 ",\"bytes\":%" PRIu64 ",\"products\":%zu,\"made\":%s", reviews,
             bytes, products.count, there ? "false" : "true");
    print_result((uint64_t)events, now_seconds() - begin, more);
    rd_kafka_destroy(handle);
    free(products.cumulated);
    return 0;
}
