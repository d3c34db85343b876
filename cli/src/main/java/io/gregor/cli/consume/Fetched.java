package io.gregor.cli.consume;

import io.gregor.cli.client.TopicPartition;
import io.gregor.wire.record.Record;
import java.util.List;

/**
 * Records of one partition. Immutable.
 *
 * @param nextOffset where to go on behind them, and behind what a reader does not see
 */
record Fetched(TopicPartition partition, List<Record> records, long nextOffset) {}
