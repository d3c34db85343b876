package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

type franz struct{}

func (franz) name() string   { return "franz-go" }
func (franz) module() string { return "github.com/twmb/franz-go" }

func (franz) open(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(bootstrap)}, options...)...)
}

// Asks by a client of its own.
func (f franz) admin(ask func(*kadm.Client) error) error {
	client, err := f.open()
	if err != nil {
		return err
	}
	defer client.Close()
	return ask(kadm.NewClient(client))
}

func (f franz) createTopic(ctx context.Context, topic string, partitions int) error {
	return f.admin(func(admin *kadm.Client) error {
		_, err := admin.CreateTopic(ctx, int32(partitions), 1, nil, topic)
		return err
	})
}

type franzProducer struct{ client *kgo.Client }

func (f franz) producer(topic string, how settings) (producer, error) {
	codecs := map[string]kgo.CompressionCodec{
		"": kgo.NoCompression(), "none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	options := []kgo.Opt{
		kgo.DefaultProduceTopic(topic), kgo.ProducerBatchCompression(codecs[how.codec]),
		kgo.RecordPartitioner(kgo.RoundRobinPartitioner()),
	}
	if how.idempotent {
		options = append(options, kgo.MaxBufferedRecords(10), kgo.ProducerLinger(0))
	} else {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	client, err := f.open(options...)
	return franzProducer{client}, err
}

func (p franzProducer) send(ctx context.Context, records ...record) error {
	var sent []*kgo.Record
	for _, record := range records {
		one := &kgo.Record{Key: record.key, Value: record.value, Timestamp: record.time}
		for key, value := range record.headers {
			one.Headers = append(one.Headers, kgo.RecordHeader{Key: key, Value: value})
		}
		sent = append(sent, one)
	}
	return p.client.ProduceSync(ctx, sent...).FirstErr()
}

func (p franzProducer) close() error {
	p.client.Close()
	return nil
}

func (f franz) read(ctx context.Context, topic string, count int) ([]record, error) {
	client, err := f.open(kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	var read []record
	for len(read) < count {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(one *kgo.Record) {
			headers := map[string][]byte{}
			for _, header := range one.Headers {
				headers[header.Key] = header.Value
			}
			read = append(read, record{one.Key, one.Value, headers, one.Timestamp})
		})
	}
	return read, nil
}

func (f franz) transact(ctx context.Context, topic string, transactions []transaction) error {
	client, err := f.open(kgo.TransactionalID(topic), kgo.DefaultProduceTopic(topic))
	if err != nil {
		return err
	}
	defer client.Close()
	for _, one := range transactions {
		if err := client.BeginTransaction(); err != nil {
			return err
		}
		if err := client.ProduceSync(ctx, kgo.StringRecord(one.value)).FirstErr(); err != nil {
			return err
		}
		if err := client.EndTransaction(ctx, kgo.TransactionEndTry(one.commit)); err != nil {
			return err
		}
	}
	return nil
}

func (f franz) join(ctx context.Context, group, topic string, seen func(string)) (func() error, error) {
	client, err := f.open(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.HeartbeatInterval(300*time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.BlockRebalanceOnPoll(), kgo.DisableAutoCommit())
	if err != nil {
		return nil, err
	}
	reading, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() {
		var err error
		for reading.Err() == nil && err == nil {
			client.PollFetches(reading).EachRecord(func(record *kgo.Record) { seen(string(record.Value)) })
			err = client.CommitUncommittedOffsets(ctx)
			client.AllowRebalance()
		}
		stopped <- err
	}()
	return func() error {
		stop()
		err := <-stopped
		client.Close()
		return err
	}, nil
}

func (f franz) committed(ctx context.Context, group, topic string, partitions int) (sum int64, err error) {
	err = f.admin(func(admin *kadm.Client) error {
		offsets, err := admin.FetchOffsets(ctx, group)
		offsets.Each(func(offset kadm.OffsetResponse) { sum += offset.At })
		return err
	})
	return
}

func (f franz) offsetAt(ctx context.Context, topic string, time time.Time) (offset int64, err error) {
	err = f.admin(func(admin *kadm.Client) error {
		offsets, err := admin.ListOffsetsAfterMilli(ctx, time.UnixMilli(), topic)
		found, _ := offsets.Lookup(topic, 0)
		offset = found.Offset
		return err
	})
	return
}

func (f franz) createPartitions(ctx context.Context, topic string, count int) error {
	return f.admin(func(admin *kadm.Client) error {
		answers, err := admin.UpdatePartitions(ctx, count, topic)
		if err != nil {
			return err
		}
		return answers.Error()
	})
}

func (f franz) alterConfig(ctx context.Context, topic, key, value string) error {
	return f.admin(func(admin *kadm.Client) error {
		changes := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: key, Value: &value}}
		answers, err := admin.AlterTopicConfigs(ctx, changes, topic)
		if err != nil {
			return err
		}
		return answers[0].Err
	})
}

func (f franz) config(ctx context.Context, topic, key string) (value string, err error) {
	err = f.admin(func(admin *kadm.Client) error {
		configs, err := admin.DescribeTopicConfigs(ctx, topic)
		for _, config := range configs {
			for _, one := range config.Configs {
				if one.Key == key {
					value = one.MaybeValue()
				}
			}
		}
		return err
	})
	return
}

func (f franz) partitions(ctx context.Context, topic string) (count int, err error) {
	err = f.admin(func(admin *kadm.Client) error {
		topics, err := admin.ListTopics(ctx)
		count = len(topics[topic].Partitions)
		return err
	})
	return
}

func (f franz) deleteTopic(ctx context.Context, topic string) error {
	return f.admin(func(admin *kadm.Client) error {
		_, err := admin.DeleteTopic(ctx, topic)
		return err
	})
}
