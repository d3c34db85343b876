/* Runs the scenarios of librdkafka one after the other and prints what became of each. */
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 30000
#define LARGE 900000

static const char *bootstrap;
static char failure[512];

/* Keeps the reason of a scenario's failure; is -1, for `return fail(...)`. */
static int fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure, sizeof failure, format, arguments);
    va_end(arguments);
    return -1;
}

#define TRY(call) do { if (call) return -1; } while (0)

/* The settings are pairs of key and value, and a null. */
static rd_kafka_t *open_client(rd_kafka_type_t type, const char *key, ...) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    va_list settings;
    va_start(settings, key);
    for (; key; key = va_arg(settings, const char *)) {
        if (rd_kafka_conf_set(conf, key, va_arg(settings, const char *), failure, sizeof failure)) abort();
    }
    va_end(settings);
    rd_kafka_t *client = rd_kafka_new(type, conf, failure, sizeof failure);
    if (!client) abort();
    return client;
}

static int failed(rd_kafka_error_t *error) {
    if (!error) return 0;
    fail("%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return -1;
}

enum change { CREATE, ADD, DELETE };

/* Creates a topic, adds partitions to it or deletes it. */
static int administer(enum change change, const char *topic, int partitions) {
    rd_kafka_t *client = open_client(RD_KAFKA_PRODUCER, NULL);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_NewTopic_t *created = rd_kafka_NewTopic_new(topic, partitions > 0 ? partitions : 1, 1, NULL, 0);
    rd_kafka_NewPartitions_t *added = rd_kafka_NewPartitions_new(topic, partitions > 0 ? partitions : 1, NULL, 0);
    rd_kafka_DeleteTopic_t *deleted = rd_kafka_DeleteTopic_new(topic);
    if (change == CREATE) rd_kafka_CreateTopics(client, &created, 1, NULL, queue);
    if (change == ADD) rd_kafka_CreatePartitions(client, &added, 1, NULL, queue);
    if (change == DELETE) rd_kafka_DeleteTopics(client, &deleted, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, WAIT_MS);
    size_t count = 0;
    const rd_kafka_topic_result_t **results =
        change == CREATE ? rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        : change == ADD  ? rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event), &count)
                         : rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
    int outcome = 0;
    if (rd_kafka_event_error(event)) outcome = fail("%s", rd_kafka_event_error_string(event));
    else if (rd_kafka_topic_result_error(results[0])) outcome = fail("%s", rd_kafka_topic_result_error_string(results[0]));
    rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy(created);
    rd_kafka_NewPartitions_destroy(added);
    rd_kafka_DeleteTopic_destroy(deleted);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return outcome;
}

static int partitions_of(const char *topic) {
    rd_kafka_t *client = open_client(RD_KAFKA_PRODUCER, NULL);
    const struct rd_kafka_metadata *metadata;
    int count = -1;
    if (rd_kafka_metadata(client, 1, NULL, &metadata, WAIT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        count = 0;
        for (int i = 0; i < metadata->topic_cnt; i++) {
            if (!strcmp(metadata->topics[i].topic, topic)) count = metadata->topics[i].partition_cnt;
        }
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_destroy(client);
    return count;
}

static int send_value(rd_kafka_t *producer, const char *topic, const void *value, size_t size) {
    rd_kafka_resp_err_t error = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE((void *)value, size),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    return error ? fail("produce: %s", rd_kafka_err2str(error)) : 0;
}

static int send_text(rd_kafka_t *producer, const char *topic, const char *value) {
    return send_value(producer, topic, value, strlen(value));
}

static int send_numbers(rd_kafka_t *producer, const char *topic, int from, int to) {
    for (int i = from; i < to; i++) {
        char text[12];
        snprintf(text, sizeof text, "%d", i);
        TRY(send_text(producer, topic, text));
    }
    return rd_kafka_flush(producer, WAIT_MS) ? fail("not delivered") : 0;
}

static int close_producer(rd_kafka_t *producer) {
    int outcome = rd_kafka_flush(producer, WAIT_MS) ? fail("not delivered") : 0;
    rd_kafka_destroy(producer);
    return outcome;
}

/* Reads so many committed messages of partition 0 from the beginning, and gives each to `check` with its index. */
static int read_topic(const char *topic, int count, int (*check)(int, rd_kafka_message_t *, const void *), const void *with) {
    rd_kafka_t *consumer = open_client(RD_KAFKA_CONSUMER, "group.id", topic, "enable.auto.commit", "false", NULL);
    rd_kafka_topic_partition_list_t *from = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(from, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer, from);
    rd_kafka_topic_partition_list_destroy(from);
    time_t end = time(NULL) + WAIT_MS / 1000;
    int outcome = 0;
    int read = 0;
    while (read < count && !outcome && time(NULL) < end) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 100);
        if (!message) continue;
        outcome = message->err ? fail("%s", rd_kafka_message_errstr(message)) : check(read++, message, with);
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return !outcome && read < count ? fail("%d of %d were read", read, count) : outcome;
}

static int is_text(int index, rd_kafka_message_t *message, const void *texts) {
    const char *text = ((const char *const *)texts)[index];
    int same = message->len == strlen(text) && !memcmp(message->payload, text, message->len);
    return same ? 0 : fail("message %d is %.*s", index, (int)message->len, (char *)message->payload);
}

static int is_number(int index, rd_kafka_message_t *message, const void *unused) {
    (void)unused;
    char text[12];
    snprintf(text, sizeof text, "%d", index);
    return is_text(0, message, (const char *const[]){text});
}

static int compression(const char *prefix) {
    const char *codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
    for (int i = 0; i < 5; i++) {
        char topic[64], value[4001] = "";
        snprintf(topic, sizeof topic, "%s-%s", prefix, codecs[i]);
        for (int j = 0; j < 500; j++) strcat(value, codecs[i]);
        TRY(administer(CREATE, topic, 1));
        rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, "compression.codec", codecs[i], NULL);
        TRY(send_text(producer, topic, value));
        TRY(close_producer(producer));
        TRY(read_topic(topic, 1, is_text, (const char *const[]){value}));
    }
    return 0;
}

static int has_headers(int index, rd_kafka_message_t *message, const void *unused) {
    (void)unused;
    rd_kafka_headers_t *headers;
    const void *value;
    size_t size;
    if (message->key_len != 1 || *(char *)message->key != 'k') return fail("the key differs");
    if (index == 1) return message->payload ? fail("a tombstone has a value") : 0;
    if (rd_kafka_message_headers(message, &headers) || rd_kafka_header_get_last(headers, "h", &value, &size)) return fail("no header");
    return size == 2 && !memcmp(value, "\0\377", 2) ? 0 : fail("the header differs");
}

static int headers(const char *topic) {
    TRY(administer(CREATE, topic, 1));
    rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, NULL);
    rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_VALUE("v", 1),
        RD_KAFKA_V_HEADER("h", "\0\377", 2), RD_KAFKA_V_END);
    rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_END);
    TRY(close_producer(producer));
    return read_topic(topic, 2, has_headers, NULL);
}

static int idempotent(const char *topic) {
    TRY(administer(CREATE, topic, 1));
    rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, "enable.idempotence", "true", "linger.ms", "0", NULL);
    TRY(send_numbers(producer, topic, 0, 1000));
    TRY(close_producer(producer));
    return read_topic(topic, 1000, is_number, NULL);
}

static int transactional(const char *topic) {
    TRY(administer(CREATE, topic, 1));
    rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, "transactional.id", topic, NULL);
    TRY(failed(rd_kafka_init_transactions(producer, WAIT_MS)));
    TRY(failed(rd_kafka_begin_transaction(producer)));
    TRY(send_text(producer, topic, "aborted"));
    rd_kafka_flush(producer, WAIT_MS);
    TRY(failed(rd_kafka_abort_transaction(producer, WAIT_MS)));
    TRY(failed(rd_kafka_begin_transaction(producer)));
    TRY(send_text(producer, topic, "committed"));
    TRY(failed(rd_kafka_commit_transaction(producer, WAIT_MS)));
    rd_kafka_destroy(producer);
    return read_topic(topic, 1, is_text, (const char *const[]){"committed"});
}

#define MESSAGES 150
#define PARTITIONS 4

/* A member of a group, and what it and others have read. */
struct member {
    const char *topic;
    atomic_bool stopped, *seen;
    pthread_t thread;
};

static void *work(void *argument) {
    struct member *member = argument;
    rd_kafka_t *consumer = open_client(RD_KAFKA_CONSUMER, "group.id", member->topic, "auto.offset.reset", "earliest",
        "heartbeat.interval.ms", "300", NULL);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, member->topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_subscribe(consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    while (!member->stopped) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 100);
        if (!message) continue;
        if (!message->err) {
            char text[12] = "";
            memcpy(text, message->payload, message->len < 11 ? message->len : 11);
            member->seen[atoi(text) % MESSAGES] = 1;
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return NULL;
}

static void leave(struct member *member) {
    member->stopped = 1;
    pthread_join(member->thread, NULL);
}

static int committed(const char *topic) {
    rd_kafka_t *consumer = open_client(RD_KAFKA_CONSUMER, "group.id", topic, NULL);
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(PARTITIONS);
    rd_kafka_topic_partition_list_add_range(all, topic, 0, PARTITIONS - 1);
    rd_kafka_committed(consumer, all, WAIT_MS);
    int sum = 0;
    for (int i = 0; i < all->cnt; i++) sum += all->elems[i].offset > 0 ? (int)all->elems[i].offset : 0;
    rd_kafka_topic_partition_list_destroy(all);
    rd_kafka_destroy(consumer);
    return sum;
}

static int group(const char *topic) {
    static atomic_bool seen[MESSAGES];
    TRY(administer(CREATE, topic, PARTITIONS));
    struct member first = {.topic = topic, .seen = seen}, second = {.topic = topic, .seen = seen};
    rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, "partitioner", "random", NULL);
    pthread_create(&first.thread, NULL, work, &first);
    TRY(send_numbers(producer, topic, 0, 50));
    pthread_create(&second.thread, NULL, work, &second);
    TRY(send_numbers(producer, topic, 50, 100));
    leave(&first);
    TRY(send_numbers(producer, topic, 100, MESSAGES));
    TRY(close_producer(producer));
    int count = 0;
    for (time_t end = time(NULL) + 40; count < MESSAGES && time(NULL) < end; usleep(50000)) {
        count = 0;
        for (int i = 0; i < MESSAGES; i++) count += seen[i];
    }
    leave(&second);
    int sum = committed(topic);
    return count == MESSAGES && sum == MESSAGES ? 0 : fail("%d of %d were read, %d committed", count, MESSAGES, sum);
}

static int times(const char *topic) {
    TRY(administer(CREATE, topic, 1));
    rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, NULL);
    for (int i = 1; i <= 3; i++) {
        rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE("v", 1),
            RD_KAFKA_V_TIMESTAMP(1700000000000 + i * 10), RD_KAFKA_V_END);
    }
    TRY(close_producer(producer));
    rd_kafka_t *consumer = open_client(RD_KAFKA_CONSUMER, "group.id", topic, NULL);
    rd_kafka_topic_partition_list_t *asked = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(asked, topic, 0)->offset = 1700000000015;
    rd_kafka_offsets_for_times(consumer, asked, WAIT_MS);
    int64_t offset = asked->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(asked);
    rd_kafka_destroy(consumer);
    return offset == 1 ? 0 : fail("offset %lld", (long long)offset);
}

static int admin(const char *topic) {
    TRY(administer(CREATE, topic, 2));
    TRY(administer(ADD, topic, 3));
    int before = partitions_of(topic);
    TRY(administer(DELETE, topic, 0));
    int after = partitions_of(topic);
    return before == 3 && after == 0 ? 0 : fail("%d partitions, then %d", before, after);
}

static int is_large(int index, rd_kafka_message_t *message, const void *unused) {
    (void)index, (void)unused;
    return message->len == LARGE ? 0 : fail("%zu bytes", message->len);
}

static int large(const char *topic) {
    static const char value[LARGE];
    TRY(administer(CREATE, topic, 1));
    rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, NULL);
    TRY(send_value(producer, topic, value, LARGE));
    TRY(close_producer(producer));
    return read_topic(topic, 1, is_large, NULL);
}

static int restart(const char *topic) {
    TRY(administer(CREATE, topic, 1));
    rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, NULL);
    TRY(send_text(producer, topic, "before"));
    rd_kafka_flush(producer, WAIT_MS);
    if (system(getenv("RESTART"))) return fail("the broker was not restarted");
    TRY(send_text(producer, topic, "after"));
    TRY(close_producer(producer));
    return read_topic(topic, 2, is_text, (const char *const[]){"before", "after"});
}

int main(void) {
    static const struct { const char *name, *topic; int (*play)(const char *); } scenarios[] = {
        {"compression", "c-codecs", compression},
        {"keys and headers", "c-headers", headers},
        {"idempotent", "c-idempotent", idempotent},
        {"transactional", "c-transactional", transactional},
        {"a group with a join and a leave", "c-group", group},
        {"offsets by time", "c-times", times},
        {"admin", "c-admin", admin},
        {"large messages", "c-large", large},
        {"restart of the broker", "c-restart", restart},
    };
    bootstrap = getenv("BOOTSTRAP");
    int status = 0;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        int outcome = scenarios[i].play(scenarios[i].topic);
        printf("librdkafka\t%s\t%s\t%s%s\n", rd_kafka_version_str(), scenarios[i].name, outcome ? "FAILED: " : "ok", outcome ? failure : "");
        fflush(stdout);
        status |= outcome != 0;
    }
    return status;
}
