package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"
)

type record struct {
	key, value []byte
	headers    map[string][]byte
	time       time.Time
}

type settings struct {
	codec      string
	idempotent bool
}

// A transaction writes a value, and is committed or aborted.
type transaction struct {
	value  string
	commit bool
}

type producer interface {
	// send returns when the broker has acknowledged all of them.
	send(ctx context.Context, records ...record) error
	close() error
}

// A client is what the scenarios need of a library. It is waited for until ctx ends.
type client interface {
	name() string
	module() string
	createTopic(ctx context.Context, topic string, partitions int) error
	// producer writes to the topic, to its partitions in turn where it has several.
	producer(topic string, how settings) (producer, error)
	// read reads the committed records of partition 0 from the beginning.
	read(ctx context.Context, topic string, count int) ([]record, error)
	// transact makes one transaction after the other, by one producer.
	transact(ctx context.Context, topic string, transactions []transaction) error
	// join starts a member of a group that reads from the beginning; the function that it returns commits and leaves.
	join(ctx context.Context, group, topic string, seen func(value string)) (func() error, error)
	// committed is the sum of a group's offsets.
	committed(ctx context.Context, group, topic string, partitions int) (int64, error)
	offsetAt(ctx context.Context, topic string, time time.Time) (int64, error)
	createPartitions(ctx context.Context, topic string, count int) error
	alterConfig(ctx context.Context, topic, key, value string) error
	config(ctx context.Context, topic, key string) (string, error)
	// partitions is 0 for a topic that is not there.
	partitions(ctx context.Context, topic string) (int, error)
	deleteTopic(ctx context.Context, topic string) error
}

type scenario struct {
	name, topic string
	run         func(ctx context.Context, client client, topic string) error
}

var scenarios = []scenario{
	{"compression", "codecs", compression},
	{"keys and headers", "headers", headers},
	{"idempotent", "idempotent", idempotent},
	{"transactional", "transactional", transactional},
	{"a group with a join and a leave", "group", group},
	{"offsets by time", "times", times},
	{"admin", "admin", admin},
	{"large messages", "large", large},
	{"restart of the broker", "restart", restarted},
}

// Produces to a new topic, and reads as many records back.
func thereAndBack(ctx context.Context, client client, topic string, how settings, records ...record) ([]record, error) {
	if err := client.createTopic(ctx, topic, 1); err != nil {
		return nil, err
	}
	producer, err := client.producer(topic, how)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(producer.send(ctx, records...), producer.close()); err != nil {
		return nil, err
	}
	return client.read(ctx, topic, len(records))
}

func compression(ctx context.Context, client client, topic string) error {
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		value := []byte(strings.Repeat(codec, 1000))
		read, err := thereAndBack(ctx, client, topic+"-"+codec, settings{codec: codec}, record{value: value})
		if err != nil {
			return fmt.Errorf("%s: %w", codec, err)
		}
		if !bytes.Equal(read[0].value, value) {
			return fmt.Errorf("%s: the value differs", codec)
		}
	}
	return nil
}

func headers(ctx context.Context, client client, topic string) error {
	read, err := thereAndBack(ctx, client, topic, settings{},
		record{key: []byte("k"), value: []byte("v"), headers: map[string][]byte{"h": {0, 255}}},
		record{key: []byte("k")})
	if err != nil {
		return err
	}
	if string(read[0].key) != "k" || !bytes.Equal(read[0].headers["h"], []byte{0, 255}) || read[1].value != nil {
		return errors.New("keys, headers or values differ")
	}
	return nil
}

func idempotent(ctx context.Context, client client, topic string) error {
	var records []record
	for i := range 1000 {
		records = append(records, record{value: fmt.Append(nil, i)})
	}
	read, err := thereAndBack(ctx, client, topic, settings{idempotent: true}, records...)
	if err != nil {
		return err
	}
	for i, record := range read {
		if string(record.value) != fmt.Sprint(i) {
			return fmt.Errorf("record %d is %s", i, record.value)
		}
	}
	return nil
}

func transactional(ctx context.Context, client client, topic string) error {
	if err := client.createTopic(ctx, topic, 1); err != nil {
		return err
	}
	if err := client.transact(ctx, topic, []transaction{{"aborted", false}, {"committed", true}}); err != nil {
		return err
	}
	read, err := client.read(ctx, topic, 1)
	if err == nil && string(read[0].value) != "committed" {
		err = fmt.Errorf("read %s", read[0].value)
	}
	return err
}

func group(ctx context.Context, client client, topic string) error {
	const partitions, count = 4, 150
	if err := client.createTopic(ctx, topic, partitions); err != nil {
		return err
	}
	producer, err := client.producer(topic, settings{})
	if err != nil {
		return err
	}
	var lock sync.Mutex
	seen := map[string]bool{}
	join := func() (func() error, error) {
		return client.join(ctx, topic, topic, func(value string) {
			lock.Lock()
			defer lock.Unlock()
			seen[value] = true
		})
	}
	send := func(from, to int) error {
		for i := from; i < to; i++ {
			if err := producer.send(ctx, record{value: fmt.Append(nil, i)}); err != nil {
				return err
			}
		}
		return nil
	}
	leaveFirst, err := join()
	if err != nil {
		return err
	}
	if err := send(0, 50); err != nil {
		return err
	}
	leaveSecond, err := join()
	if err != nil {
		return err
	}
	if err := errors.Join(send(50, 100), leaveFirst(), send(100, count)); err != nil {
		return err
	}
	seenAll := func() bool {
		lock.Lock()
		defer lock.Unlock()
		return len(seen) == count
	}
	for !seenAll() && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
	}
	if err := errors.Join(leaveSecond(), producer.close()); err != nil {
		return err
	}
	committed, err := client.committed(ctx, topic, topic, partitions)
	if err == nil && (len(seen) != count || committed != count) {
		err = fmt.Errorf("%d of %d were read, %d committed", len(seen), count, committed)
	}
	return err
}

func times(ctx context.Context, client client, topic string) error {
	var records []record
	for i := range 3 {
		records = append(records, record{value: []byte("v"), time: time.UnixMilli(1_700_000_000_010 + int64(i)*10)})
	}
	if _, err := thereAndBack(ctx, client, topic, settings{}, records...); err != nil {
		return err
	}
	offset, err := client.offsetAt(ctx, topic, time.UnixMilli(1_700_000_000_015))
	if err == nil && offset != 1 {
		err = fmt.Errorf("offset %d", offset)
	}
	return err
}

func admin(ctx context.Context, client client, topic string) error {
	if err := errors.Join(
		client.createTopic(ctx, topic, 2),
		client.createPartitions(ctx, topic, 3),
		client.alterConfig(ctx, topic, "retention.ms", "1000")); err != nil {
		return err
	}
	value, err := client.config(ctx, topic, "retention.ms")
	if err != nil {
		return err
	}
	before, err := client.partitions(ctx, topic)
	if err != nil {
		return err
	}
	if err := client.deleteTopic(ctx, topic); err != nil {
		return err
	}
	after, err := client.partitions(ctx, topic)
	if err == nil && (value != "1000" || before != 3 || after != 0) {
		err = fmt.Errorf("retention.ms %s, %d partitions, then %d", value, before, after)
	}
	return err
}

func large(ctx context.Context, client client, topic string) error {
	read, err := thereAndBack(ctx, client, topic, settings{}, record{value: bytes.Repeat([]byte{7}, 900_000)})
	if err == nil && len(read[0].value) != 900_000 {
		err = errors.New("the record is shorter")
	}
	return err
}

func restarted(ctx context.Context, client client, topic string) error {
	if err := client.createTopic(ctx, topic, 1); err != nil {
		return err
	}
	producer, err := client.producer(topic, settings{})
	if err != nil {
		return err
	}
	if err := producer.send(ctx, record{value: []byte("before")}); err != nil {
		return err
	}
	if out, err := exec.Command(restart).CombinedOutput(); err != nil {
		return fmt.Errorf("restart: %w: %s", err, out)
	}
	if err := errors.Join(producer.send(ctx, record{value: []byte("after")}), producer.close()); err != nil {
		return err
	}
	read, err := client.read(ctx, topic, 2)
	if err == nil && (string(read[0].value) != "before" || string(read[1].value) != "after") {
		err = errors.New("other records")
	}
	return err
}
