package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	family "github.com/0xPolygon/cdk/aggregator/prover"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const maxMessageBytes = 1 << 30

// Time in which a second request would be seen that was sent before the first was answered.
const lockStepPause = 3 * time.Millisecond

var errDisconnected = errors.New("told to disconnect")

// serve opens one stream and answers until it breaks.
func serve(address string, prover *prover, watchdog time.Duration) error {
	if prover.held() {
		return errors.New("told not to dial")
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream, err := family.NewAggregatorServiceClient(connection).Channel(ctx)
	if err != nil {
		return err
	}
	requests := make(chan *family.AggregatorMessage, 16)
	failed := make(chan error, 1)
	go receive(stream, requests, failed)
	tell("dialled", nil)
	broken := prover.newBreaker()
	for {
		select {
		case err := <-failed:
			return err
		case <-broken:
			return errDisconnected
		case <-time.After(watchdog):
			tell("watchdog", nil)
			os.Exit(3)
		case request := <-requests:
			kind := requestKind(request)
			tell("asked", map[string]any{"request": kind})
			if kind != "get_status_request" {
				time.Sleep(lockStepPause)
			}
			if len(requests) > 0 {
				tell("out of step", map[string]any{"request": kind})
			}
			answer := prover.answer(request)
			if answer == nil {
				continue
			}
			if stream.Send(answer) != nil {
				// Only reading tells why.
				return <-failed
			}
			if prover.disconnectsAfter(kind) {
				return errDisconnected
			}
		}
	}
}

func receive(stream family.AggregatorService_ChannelClient, requests chan<- *family.AggregatorMessage, failed chan<- error) {
	for {
		request, err := stream.Recv()
		if err != nil {
			failed <- err
			return
		}
		requests <- request
	}
}

// requestKind is the name of the request's field, as the family's own proto has it.
func requestKind(request *family.AggregatorMessage) string {
	oneof := request.ProtoReflect().Descriptor().Oneofs().ByName("request")
	field := request.ProtoReflect().WhichOneof(oneof)
	if field == nil {
		return "none"
	}
	return strings.TrimSpace(string(protoreflect.Name(field.Name())))
}
