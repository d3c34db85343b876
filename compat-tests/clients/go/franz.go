package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func franzClient(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(bootstrap), kgo.RequiredAcks(kgo.AllISRAcks())}, options...)...)
}

func franzTopic(ctx context.Context, topic string, partitions int32) error {
	client, err := franzClient()
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = kadm.NewClient(client).CreateTopic(ctx, partitions, 1, nil, topic)
	return err
}

// Produces to a new topic, and reads as many records back, from the beginning.
func franzThereAndBack(ctx context.Context, topic string, records []*kgo.Record, options ...kgo.Opt) ([]*kgo.Record, error) {
	if err := franzTopic(ctx, topic, 1); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return nil, err
	}
	producer, err := franzClient(append(options, kgo.DefaultProduceTopic(topic))...)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	if err := producer.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return nil, err
	}
	return franzRead(ctx, topic, len(records))
}

func franzRead(ctx context.Context, topic string, count int) ([]*kgo.Record, error) {
	consumer, err := franzClient(kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	var read []*kgo.Record
	for len(read) < count {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		read = append(read, fetches.Records()...)
	}
	return read, nil
}

func franzScenarios() []scenario {
	return []scenario{
		{"compression", franzCompression},
		{"keys and headers", franzHeaders},
		{"idempotent", franzIdempotent},
		{"transactional", franzTransactional},
		{"a group with a join and a leave", franzGroup},
		{"offsets by time", franzTimes},
		{"admin", franzAdmin},
		{"large messages", franzLarge},
		{"restart of the broker", franzRestart},
	}
}

func franzCompression(ctx context.Context) error {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	for name, codec := range codecs {
		value := bytes.Repeat([]byte(name), 1000)
		read, err := franzThereAndBack(ctx, "go-"+name, []*kgo.Record{{Value: value}}, kgo.ProducerBatchCompression(codec))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !bytes.Equal(read[0].Value, value) {
			return fmt.Errorf("%s: the value differs", name)
		}
	}
	return nil
}

func franzHeaders(ctx context.Context) error {
	read, err := franzThereAndBack(ctx, "go-headers", []*kgo.Record{
		{Key: []byte("k"), Value: []byte("v"), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte{0, 255}}}},
		{Key: []byte("k"), Value: nil},
	})
	if err != nil {
		return err
	}
	if string(read[0].Key) != "k" || read[0].Headers[0].Value[1] != 255 || read[1].Value != nil {
		return errors.New("keys, headers or values differ")
	}
	return nil
}

func franzIdempotent(ctx context.Context) error {
	var records []*kgo.Record
	for i := 0; i < 1000; i++ {
		records = append(records, kgo.StringRecord(fmt.Sprint(i)))
	}
	read, err := franzThereAndBack(ctx, "go-idempotent", records, kgo.MaxBufferedRecords(10), kgo.ProducerLinger(0))
	if err != nil {
		return err
	}
	for i, record := range read {
		if string(record.Value) != fmt.Sprint(i) {
			return fmt.Errorf("record %d is %s", i, record.Value)
		}
	}
	return nil
}

func franzTransactional(ctx context.Context) error {
	if err := franzTopic(ctx, "go-transactional", 1); err != nil {
		return err
	}
	client, err := franzClient(kgo.TransactionalID("go"), kgo.DefaultProduceTopic("go-transactional"))
	if err != nil {
		return err
	}
	defer client.Close()
	for _, commit := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit} {
		if err := client.BeginTransaction(); err != nil {
			return err
		}
		if err := client.ProduceSync(ctx, kgo.StringRecord(fmt.Sprint(commit))).FirstErr(); err != nil {
			return err
		}
		if err := client.EndTransaction(ctx, commit); err != nil {
			return err
		}
	}
	read, err := franzRead(ctx, "go-transactional", 1)
	if err != nil {
		return err
	}
	if string(read[0].Value) != fmt.Sprint(kgo.TryCommit) {
		return fmt.Errorf("read %s", read[0].Value)
	}
	return nil
}

func franzGroup(ctx context.Context) error {
	if err := franzTopic(ctx, "go-group", 4); err != nil {
		return err
	}
	producer, err := franzClient(kgo.DefaultProduceTopic("go-group"), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	if err != nil {
		return err
	}
	defer producer.Close()
	var lock sync.Mutex
	seen := map[string]bool{}
	member := func() (func(), error) {
		client, err := franzClient(kgo.ConsumerGroup("go-group"), kgo.ConsumeTopics("go-group"),
			kgo.HeartbeatInterval(300*time.Millisecond), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.BlockRebalanceOnPoll(), kgo.DisableAutoCommit())
		if err != nil {
			return nil, err
		}
		reading, stop := context.WithCancel(ctx)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for reading.Err() == nil {
				fetches := client.PollFetches(reading)
				lock.Lock()
				fetches.EachRecord(func(record *kgo.Record) { seen[string(record.Value)] = true })
				lock.Unlock()
				_ = client.CommitUncommittedOffsets(ctx)
				client.AllowRebalance()
			}
		}()
		return func() { stop(); <-stopped; client.Close() }, nil
	}
	send := func(from, to int) error {
		for i := from; i < to; i++ {
			if err := producer.ProduceSync(ctx, kgo.StringRecord(fmt.Sprint(i))).FirstErr(); err != nil {
				return err
			}
		}
		return nil
	}
	leaveFirst, err := member()
	if err != nil {
		return err
	}
	if err := send(0, 50); err != nil {
		return err
	}
	leaveSecond, err := member()
	if err != nil {
		return err
	}
	if err := send(50, 100); err != nil {
		return err
	}
	leaveFirst()
	if err := send(100, 150); err != nil {
		return err
	}
	for ctx.Err() == nil {
		lock.Lock()
		count := len(seen)
		lock.Unlock()
		if count == 150 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	leaveSecond()
	offsets, err := kadm.NewClient(producer).FetchOffsets(ctx, "go-group")
	if err != nil {
		return err
	}
	var committed int64
	offsets.Each(func(offset kadm.OffsetResponse) { committed += offset.At })
	if len(seen) != 150 || committed != 150 {
		return fmt.Errorf("%d of 150 were read, %d committed", len(seen), committed)
	}
	return nil
}

func franzTimes(ctx context.Context) error {
	var records []*kgo.Record
	for i := 1; i <= 3; i++ {
		records = append(records, &kgo.Record{Value: []byte("v"), Timestamp: time.UnixMilli(1_700_000_000_000 + int64(i)*10)})
	}
	if _, err := franzThereAndBack(ctx, "go-times", records); err != nil {
		return err
	}
	client, err := franzClient()
	if err != nil {
		return err
	}
	defer client.Close()
	offsets, err := kadm.NewClient(client).ListOffsetsAfterMilli(ctx, 1_700_000_000_015, "go-times")
	if err != nil {
		return err
	}
	if found, _ := offsets.Lookup("go-times", 0); found.Offset != 1 {
		return fmt.Errorf("offset %d", found.Offset)
	}
	return nil
}

func franzAdmin(ctx context.Context) error {
	client, err := franzClient()
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err := admin.CreateTopic(ctx, 2, 1, nil, "go-admin"); err != nil {
		return err
	}
	if _, err := admin.CreatePartitions(ctx, 1, "go-admin"); err != nil {
		return err
	}
	value := "1000"
	if _, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &value}}, "go-admin"); err != nil {
		return err
	}
	topics, err := admin.ListTopics(ctx, "go-admin")
	if err != nil {
		return err
	}
	if count := len(topics["go-admin"].Partitions); count != 3 {
		return fmt.Errorf("%d partitions", count)
	}
	for _, ask := range []func() error{
		func() error { _, err := admin.BrokerMetadata(ctx); return err },
		func() error { _, err := admin.DescribeAllLogDirs(ctx, nil); return err },
		func() error { _, err := admin.DescribeGroups(ctx); return err },
		func() error { _, err := admin.DescribeTopicConfigs(ctx, "go-admin"); return err },
		func() error { _, err := admin.DeleteTopics(ctx, "go-admin"); return err },
	} {
		if err := ask(); err != nil {
			return err
		}
	}
	return nil
}

func franzLarge(ctx context.Context) error {
	read, err := franzThereAndBack(ctx, "go-large", []*kgo.Record{{Value: bytes.Repeat([]byte{7}, 900_000)}})
	if err == nil && len(read[0].Value) != 900_000 {
		err = errors.New("the record is shorter")
	}
	return err
}

func franzRestart(ctx context.Context) error {
	if err := franzTopic(ctx, "go-restart", 1); err != nil {
		return err
	}
	client, err := franzClient(kgo.DefaultProduceTopic("go-restart"))
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.ProduceSync(ctx, kgo.StringRecord("before")).FirstErr(); err != nil {
		return err
	}
	if out, err := exec.Command(restart).CombinedOutput(); err != nil {
		return fmt.Errorf("restart: %w: %s", err, out)
	}
	if err := client.ProduceSync(ctx, kgo.StringRecord("after")).FirstErr(); err != nil {
		return err
	}
	read, err := franzRead(ctx, "go-restart", 2)
	if err == nil && (string(read[0].Value) != "before" || string(read[1].Value) != "after") {
		err = errors.New("other records")
	}
	return err
}
