package main

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const confluentTimeout = 30_000

// confluent-kafka-go, which is librdkafka.
type confluent struct{}

func (confluent) name() string   { return "confluent-kafka-go" }
func (confluent) module() string { return "github.com/confluentinc/confluent-kafka-go/v2" }

func (confluent) settings(more kafka.ConfigMap) *kafka.ConfigMap {
	settings := kafka.ConfigMap{"bootstrap.servers": bootstrap}
	for key, value := range more {
		settings[key] = value
	}
	return &settings
}

func (c confluent) admin(ask func(*kafka.AdminClient) error) error {
	admin, err := kafka.NewAdminClient(c.settings(nil))
	if err != nil {
		return err
	}
	defer admin.Close()
	return ask(admin)
}

// The error of an answer for one topic, if it has any.
func confluentError(err error, results []kafka.TopicResult) error {
	if err == nil && results[0].Error.Code() != kafka.ErrNoError {
		err = results[0].Error
	}
	return err
}

func (c confluent) createTopic(ctx context.Context, topic string, partitions int) error {
	return c.admin(func(admin *kafka.AdminClient) error {
		results, err := admin.CreateTopics(ctx,
			[]kafka.TopicSpecification{{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}})
		return confluentError(err, results)
	})
}

type confluentProducer struct {
	topic    string
	producer *kafka.Producer
}

func (c confluent) producer(topic string, how settings) (producer, error) {
	settings := c.settings(kafka.ConfigMap{"acks": "all", "enable.idempotence": how.idempotent, "partitioner": "random"})
	if how.codec != "" {
		(*settings)["compression.type"] = how.codec
	}
	producer, err := kafka.NewProducer(settings)
	return confluentProducer{topic, producer}, err
}

func (p confluentProducer) send(ctx context.Context, records ...record) error {
	reports := make(chan kafka.Event, len(records))
	for _, record := range records {
		message := &kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &p.topic, Partition: kafka.PartitionAny},
			Key:            record.key, Value: record.value, Timestamp: record.time,
		}
		for key, value := range record.headers {
			message.Headers = append(message.Headers, kafka.Header{Key: key, Value: value})
		}
		if err := p.producer.Produce(message, reports); err != nil {
			return err
		}
	}
	for range records {
		select {
		case report := <-reports:
			if err := report.(*kafka.Message).TopicPartition.Error; err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p confluentProducer) close() error {
	p.producer.Close()
	return nil
}

func (c confluent) read(ctx context.Context, topic string, count int) ([]record, error) {
	consumer, err := kafka.NewConsumer(c.settings(kafka.ConfigMap{"group.id": topic + "-read", "enable.auto.commit": false}))
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	if err := consumer.Assign([]kafka.TopicPartition{{Topic: &topic, Offset: kafka.OffsetBeginning}}); err != nil {
		return nil, err
	}
	var read []record
	for len(read) < count && ctx.Err() == nil {
		message, err := consumer.ReadMessage(100 * time.Millisecond)
		if err != nil {
			if err.(kafka.Error).IsTimeout() {
				continue
			}
			return nil, err
		}
		headers := map[string][]byte{}
		for _, header := range message.Headers {
			headers[header.Key] = header.Value
		}
		read = append(read, record{message.Key, message.Value, headers, message.Timestamp})
	}
	return read, ctx.Err()
}

func (c confluent) transact(ctx context.Context, topic string, transactions []transaction) error {
	producer, err := kafka.NewProducer(c.settings(kafka.ConfigMap{"transactional.id": topic}))
	if err != nil {
		return err
	}
	defer producer.Close()
	if err := producer.InitTransactions(ctx); err != nil {
		return err
	}
	for _, one := range transactions {
		if err := producer.BeginTransaction(); err != nil {
			return err
		}
		if err := (confluentProducer{topic, producer}).send(ctx, record{value: []byte(one.value)}); err != nil {
			return err
		}
		end := producer.AbortTransaction
		if one.commit {
			end = producer.CommitTransaction
		}
		if err := end(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c confluent) join(ctx context.Context, group, topic string, seen func(string)) (func() error, error) {
	consumer, err := kafka.NewConsumer(c.settings(kafka.ConfigMap{
		"group.id": group, "auto.offset.reset": "earliest", "heartbeat.interval.ms": 300,
	}))
	if err != nil {
		return nil, err
	}
	if err := consumer.Subscribe(topic, nil); err != nil {
		return nil, err
	}
	reading, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for reading.Err() == nil {
			if message, err := consumer.ReadMessage(100 * time.Millisecond); err == nil {
				seen(string(message.Value))
			}
		}
	}()
	return func() error {
		stop()
		<-stopped
		return consumer.Close()
	}, nil
}

func (c confluent) committed(ctx context.Context, group, topic string, partitions int) (sum int64, err error) {
	err = c.admin(func(admin *kafka.AdminClient) error {
		all := kafka.ConsumerGroupTopicPartitions{Group: group}
		for partition := range partitions {
			all.Partitions = append(all.Partitions, kafka.TopicPartition{Topic: &topic, Partition: int32(partition)})
		}
		answer, err := admin.ListConsumerGroupOffsets(ctx, []kafka.ConsumerGroupTopicPartitions{all})
		if err != nil {
			return err
		}
		for _, partition := range answer.ConsumerGroupsTopicPartitions[0].Partitions {
			sum += int64(partition.Offset)
		}
		return nil
	})
	return
}

func (c confluent) offsetAt(ctx context.Context, topic string, time time.Time) (offset int64, err error) {
	err = c.admin(func(admin *kafka.AdminClient) error {
		asked := kafka.TopicPartition{Topic: &topic}
		answer, err := admin.ListOffsets(ctx,
			map[kafka.TopicPartition]kafka.OffsetSpec{asked: kafka.NewOffsetSpecForTimestamp(time.UnixMilli())})
		for _, found := range answer.ResultInfos {
			offset = int64(found.Offset)
		}
		return err
	})
	return
}

func (c confluent) createPartitions(ctx context.Context, topic string, count int) error {
	return c.admin(func(admin *kafka.AdminClient) error {
		results, err := admin.CreatePartitions(ctx, []kafka.PartitionsSpecification{{Topic: topic, IncreaseTo: count}})
		return confluentError(err, results)
	})
}

func (c confluent) alterConfig(ctx context.Context, topic, key, value string) error {
	return c.admin(func(admin *kafka.AdminClient) error {
		_, err := admin.IncrementalAlterConfigs(ctx, []kafka.ConfigResource{{
			Type: kafka.ResourceTopic, Name: topic,
			Config: []kafka.ConfigEntry{{Name: key, Value: value, IncrementalOperation: kafka.AlterConfigOpTypeSet}},
		}})
		return err
	})
}

func (c confluent) config(ctx context.Context, topic, key string) (value string, err error) {
	err = c.admin(func(admin *kafka.AdminClient) error {
		results, err := admin.DescribeConfigs(ctx, []kafka.ConfigResource{{Type: kafka.ResourceTopic, Name: topic}})
		if err != nil {
			return err
		}
		value = results[0].Config[key].Value
		return nil
	})
	return
}

func (c confluent) partitions(_ context.Context, topic string) (count int, err error) {
	err = c.admin(func(admin *kafka.AdminClient) error {
		metadata, err := admin.GetMetadata(nil, true, confluentTimeout)
		if err != nil {
			return err
		}
		count = len(metadata.Topics[topic].Partitions)
		return nil
	})
	return
}

func (c confluent) deleteTopic(ctx context.Context, topic string) error {
	return c.admin(func(admin *kafka.AdminClient) error {
		results, err := admin.DeleteTopics(ctx, []string{topic})
		return confluentError(err, results)
	})
}
