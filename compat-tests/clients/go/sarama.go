package main

import (
	"context"
	"time"

	"github.com/IBM/sarama"
)

type saramaClient struct{}

func (saramaClient) name() string   { return "sarama" }
func (saramaClient) module() string { return "github.com/IBM/sarama" }

func (saramaClient) settings() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Partitioner = sarama.NewRoundRobinPartitioner
	config.Producer.Retry.Max = 100
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	config.Consumer.Group.Heartbeat.Interval = 300 * time.Millisecond
	return config
}

func (s saramaClient) admin(ask func(sarama.ClusterAdmin) error) error {
	admin, err := sarama.NewClusterAdmin([]string{bootstrap}, s.settings())
	if err != nil {
		return err
	}
	defer admin.Close()
	return ask(admin)
}

func (s saramaClient) createTopic(_ context.Context, topic string, partitions int) error {
	return s.admin(func(admin sarama.ClusterAdmin) error {
		return admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: int32(partitions), ReplicationFactor: 1}, false)
	})
}

type saramaProducer struct {
	topic    string
	producer sarama.SyncProducer
}

func (s saramaClient) producer(topic string, how settings) (producer, error) {
	config := s.settings()
	config.Producer.Compression = map[string]sarama.CompressionCodec{
		"gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4,
		"zstd": sarama.CompressionZSTD,
	}[how.codec]
	if how.idempotent {
		config.Producer.Idempotent = true
		config.Net.MaxOpenRequests = 1
	}
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, config)
	return saramaProducer{topic, producer}, err
}

func saramaMessage(topic string, record record) *sarama.ProducerMessage {
	message := &sarama.ProducerMessage{Topic: topic, Timestamp: record.time}
	if record.key != nil {
		message.Key = sarama.ByteEncoder(record.key)
	}
	if record.value != nil {
		message.Value = sarama.ByteEncoder(record.value)
	}
	for key, value := range record.headers {
		message.Headers = append(message.Headers, sarama.RecordHeader{Key: []byte(key), Value: value})
	}
	return message
}

func (p saramaProducer) send(_ context.Context, records ...record) error {
	var messages []*sarama.ProducerMessage
	for _, record := range records {
		messages = append(messages, saramaMessage(p.topic, record))
	}
	return p.producer.SendMessages(messages)
}

func (p saramaProducer) close() error { return p.producer.Close() }

func (s saramaClient) read(ctx context.Context, topic string, count int) ([]record, error) {
	consumer, err := sarama.NewConsumer([]string{bootstrap}, s.settings())
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	var read []record
	for len(read) < count {
		select {
		case message := <-partition.Messages():
			headers := map[string][]byte{}
			for _, header := range message.Headers {
				headers[string(header.Key)] = header.Value
			}
			read = append(read, record{message.Key, message.Value, headers, message.Timestamp})
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return read, nil
}

func (s saramaClient) transact(_ context.Context, topic string, transactions []transaction) error {
	config := s.settings()
	config.Producer.Idempotent = true
	config.Producer.Transaction.ID = topic
	config.Net.MaxOpenRequests = 1
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, config)
	if err != nil {
		return err
	}
	defer producer.Close()
	for _, one := range transactions {
		if err := producer.BeginTxn(); err != nil {
			return err
		}
		if _, _, err := producer.SendMessage(saramaMessage(topic, record{value: []byte(one.value)})); err != nil {
			return err
		}
		end := producer.AbortTxn
		if one.commit {
			end = producer.CommitTxn
		}
		if err := end(); err != nil {
			return err
		}
	}
	return nil
}

type saramaMember func(string)

func (saramaMember) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (saramaMember) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m saramaMember) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, more := <-claim.Messages():
			if !more {
				return nil
			}
			m(string(message.Value))
			session.MarkMessage(message, "")
		case <-session.Context().Done():
			return nil
		}
	}
}

func (s saramaClient) join(ctx context.Context, group, topic string, seen func(string)) (func() error, error) {
	member, err := sarama.NewConsumerGroup([]string{bootstrap}, group, s.settings())
	if err != nil {
		return nil, err
	}
	reading, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() {
		var err error
		for reading.Err() == nil && err == nil {
			err = member.Consume(reading, []string{topic}, saramaMember(seen))
		}
		stopped <- err
	}()
	return func() error {
		stop()
		err := <-stopped
		if closing := member.Close(); err == nil {
			err = closing
		}
		return err
	}, nil
}

func (s saramaClient) committed(_ context.Context, group, topic string, partitions int) (sum int64, err error) {
	err = s.admin(func(admin sarama.ClusterAdmin) error {
		offsets, err := admin.ListConsumerGroupOffsets(group, nil)
		if err == nil {
			for _, block := range offsets.Blocks[topic] {
				sum += block.Offset
			}
		}
		return err
	})
	return
}

func (s saramaClient) offsetAt(_ context.Context, topic string, time time.Time) (int64, error) {
	client, err := sarama.NewClient([]string{bootstrap}, s.settings())
	if err != nil {
		return 0, err
	}
	defer client.Close()
	return client.GetOffset(topic, 0, time.UnixMilli())
}

func (s saramaClient) createPartitions(_ context.Context, topic string, count int) error {
	return s.admin(func(admin sarama.ClusterAdmin) error {
		return admin.CreatePartitions(topic, int32(count), nil, false)
	})
}

func (s saramaClient) alterConfig(_ context.Context, topic, key, value string) error {
	return s.admin(func(admin sarama.ClusterAdmin) error {
		entries := map[string]sarama.IncrementalAlterConfigsEntry{
			key: {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value},
		}
		return admin.IncrementalAlterConfig(sarama.TopicResource, topic, entries, false)
	})
}

func (s saramaClient) config(_ context.Context, topic, key string) (value string, err error) {
	err = s.admin(func(admin sarama.ClusterAdmin) error {
		entries, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic})
		for _, entry := range entries {
			if entry.Name == key {
				value = entry.Value
			}
		}
		return err
	})
	return
}

func (s saramaClient) partitions(_ context.Context, topic string) (count int, err error) {
	err = s.admin(func(admin sarama.ClusterAdmin) error {
		topics, err := admin.ListTopics()
		count = int(topics[topic].NumPartitions)
		return err
	})
	return
}

func (s saramaClient) deleteTopic(_ context.Context, topic string) error {
	return s.admin(func(admin sarama.ClusterAdmin) error { return admin.DeleteTopic(topic) })
}
