package main

import (
	"context"
	"errors"
	"time"

	"github.com/segmentio/kafka-go"
)

// kafka-go, which has no idempotent and no transactional producer.
type segment struct{}

func (segment) name() string   { return "kafka-go" }
func (segment) module() string { return "github.com/segmentio/kafka-go" }

func (segment) client() *kafka.Client { return &kafka.Client{Addr: kafka.TCP(bootstrap)} }

func (s segment) createTopic(ctx context.Context, topic string, partitions int) error {
	answer, err := s.client().CreateTopics(ctx, &kafka.CreateTopicsRequest{
		Topics: []kafka.TopicConfig{{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}},
	})
	if err != nil {
		return err
	}
	return answer.Errors[topic]
}

type segmentProducer struct{ writer *kafka.Writer }

func (segment) producer(topic string, how settings) (producer, error) {
	if how.idempotent {
		return nil, errNotOffered
	}
	codecs := map[string]kafka.Compression{
		"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd,
	}
	return segmentProducer{&kafka.Writer{
		Addr: kafka.TCP(bootstrap), Topic: topic, RequiredAcks: kafka.RequireAll, Compression: codecs[how.codec],
		BatchTimeout: time.Millisecond, BatchBytes: 10 << 20, MaxAttempts: 100, Balancer: &kafka.RoundRobin{},
	}}, nil
}

func (p segmentProducer) send(ctx context.Context, records ...record) error {
	var messages []kafka.Message
	for _, record := range records {
		message := kafka.Message{Key: record.key, Value: record.value, Time: record.time}
		for key, value := range record.headers {
			message.Headers = append(message.Headers, kafka.Header{Key: key, Value: value})
		}
		messages = append(messages, message)
	}
	return p.writer.WriteMessages(ctx, messages...)
}

func (p segmentProducer) close() error { return p.writer.Close() }

func (segment) read(ctx context.Context, topic string, count int) ([]record, error) {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{bootstrap}, Topic: topic, IsolationLevel: kafka.ReadCommitted, MaxBytes: 10 << 20,
	})
	defer reader.Close()
	var read []record
	for len(read) < count {
		message, err := reader.ReadMessage(ctx)
		if err != nil {
			return nil, err
		}
		headers := map[string][]byte{}
		for _, header := range message.Headers {
			headers[header.Key] = header.Value
		}
		read = append(read, record{message.Key, message.Value, headers, message.Time})
	}
	return read, nil
}

func (segment) transact(context.Context, string, []transaction) error { return errNotOffered }

func (segment) join(ctx context.Context, group, topic string, seen func(string)) (func() error, error) {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{bootstrap}, GroupID: group, Topic: topic, StartOffset: kafka.FirstOffset,
		HeartbeatInterval: 300 * time.Millisecond, JoinGroupBackoff: 100 * time.Millisecond,
	})
	reading, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() {
		for {
			message, err := reader.FetchMessage(reading)
			var refused kafka.Error
			if errors.As(err, &refused) && refused.Temporary() {
				continue
			}
			if errors.Is(err, context.Canceled) {
				err = nil
			} else if err == nil {
				seen(string(message.Value))
				if err = reader.CommitMessages(ctx, message); err == nil {
					continue
				}
			}
			stopped <- err
			return
		}
	}()
	// a commit under way never ends once the reader is closed
	return func() error {
		stop()
		return errors.Join(<-stopped, reader.Close())
	}, nil
}

func (s segment) committed(ctx context.Context, group, topic string, partitions int) (sum int64, err error) {
	var all []int
	for partition := range partitions {
		all = append(all, partition)
	}
	answer, err := s.client().OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: all}})
	if err != nil {
		return 0, err
	}
	for _, partition := range answer.Topics[topic] {
		sum += partition.CommittedOffset
	}
	return sum, answer.Error
}

func (s segment) offsetAt(ctx context.Context, topic string, time time.Time) (int64, error) {
	answer, err := s.client().ListOffsets(ctx, &kafka.ListOffsetsRequest{
		Topics: map[string][]kafka.OffsetRequest{topic: {kafka.TimeOffsetOf(0, time)}},
	})
	if err != nil {
		return 0, err
	}
	for offset := range answer.Topics[topic][0].Offsets {
		return offset, nil
	}
	return -1, answer.Topics[topic][0].Error
}

func (s segment) createPartitions(ctx context.Context, topic string, count int) error {
	answer, err := s.client().CreatePartitions(ctx, &kafka.CreatePartitionsRequest{
		Topics: []kafka.TopicPartitionsConfig{{Name: topic, Count: int32(count)}},
	})
	if err != nil {
		return err
	}
	return answer.Errors[topic]
}

func (s segment) alterConfig(ctx context.Context, topic, key, value string) error {
	answer, err := s.client().IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{
		Resources: []kafka.IncrementalAlterConfigsRequestResource{{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: topic,
			Configs: []kafka.IncrementalAlterConfigsRequestConfig{
				{Name: key, Value: value, ConfigOperation: kafka.ConfigOperationSet},
			},
		}},
	})
	if err != nil {
		return err
	}
	return answer.Resources[0].Error
}

func (s segment) config(ctx context.Context, topic, key string) (string, error) {
	answer, err := s.client().DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{
		Resources: []kafka.DescribeConfigRequestResource{
			{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic, ConfigNames: []string{key}},
		},
	})
	if err != nil {
		return "", err
	}
	return answer.Resources[0].ConfigEntries[0].ConfigValue, answer.Resources[0].Error
}

func (segment) partitions(ctx context.Context, topic string) (int, error) {
	// not by the transport of all others, which keeps metadata for seconds
	client := &kafka.Client{Addr: kafka.TCP(bootstrap), Transport: &kafka.Transport{}}
	answer, err := client.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		return 0, err
	}
	for _, one := range answer.Topics {
		if one.Name == topic {
			return len(one.Partitions), one.Error
		}
	}
	return 0, nil
}

func (s segment) deleteTopic(ctx context.Context, topic string) error {
	answer, err := s.client().DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{topic}})
	if err != nil {
		return err
	}
	return answer.Errors[topic]
}
