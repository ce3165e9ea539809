// A scorer for Hone: the number behind "Final answer:", right within one part in a million.
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"net"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf16"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	scorerv1 "example.com/final-number/gen/hone/scorer/v1"
	typesv1 "example.com/final-number/gen/hone/types/v1"
)

const (
	name              = "final-number"
	version           = "1"
	relativeTolerance = 1e-6
	maxItems          = 1000
)

// Nothing may follow the number on its line but a full stop: "42 or 41" is no answer.
var (
	statement = regexp.MustCompile(`(?i)Final answer:[ \t]*([^\n]*)`)
	number    = regexp.MustCompile(`^\$?(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|-?\.\d+)\.?\s*$`)
)

// readNumber gives the number that a text is.
func readNumber(text string) (float64, bool) {
	match := number.FindStringSubmatch(strings.TrimSpace(text))
	if match == nil {
		return 0, false
	}
	value, err := strconv.ParseFloat(strings.ReplaceAll(match[1], ",", ""), 64)
	return value, err == nil
}

// utf16Length counts as spans do: UTF-16 code units, where Go counts bytes.
func utf16Length(text string) int32 {
	return int32(len(utf16.Encode([]rune(text))))
}

// readAnswer gives the number that all statements of a completion agree on, and where the last one stands, in bytes.
func readAnswer(completion string) (answer float64, start, end int, stated, found bool) {
	for index, match := range statement.FindAllStringSubmatchIndex(completion, -1) {
		value, ok := readNumber(completion[match[2]:match[3]])
		if !ok || (index > 0 && value != answer) {
			return 0, 0, 0, true, false
		}
		answer, start, end, stated, found = value, match[2], match[3], true, true
	}
	return answer, start, end, stated, found
}

func isClose(answer, gold float64) bool {
	return math.Abs(answer-gold) <= relativeTolerance*math.Max(math.Abs(answer), math.Abs(gold))
}

func judge(item *scorerv1.ScoreItem) *typesv1.Verdict {
	verdict := &typesv1.Verdict{Id: item.Id, Scorer: name, ScorerVersion: version}
	gold, ok := readNumber(item.Gold)
	if !ok {
		verdict.State = typesv1.VerdictState_VERDICT_STATE_UNSCORABLE
		verdict.Message = "the gold answer is not a number"
		return verdict
	}
	answer, start, end, stated, found := readAnswer(item.Completion)
	if !found {
		verdict.State = typesv1.VerdictState_VERDICT_STATE_UNSCORABLE
		if !stated && item.FinishReason == typesv1.FinishReason_FINISH_REASON_LENGTH {
			verdict.State = typesv1.VerdictState_VERDICT_STATE_TRUNCATED
		}
		verdict.Message = "no final answer that is one number"
		return verdict
	}
	verdict.State = typesv1.VerdictState_VERDICT_STATE_SCORED
	if isClose(answer, gold) {
		verdict.Score = 1
	}
	verdict.ExtractedAnswer = strconv.FormatFloat(answer, 'g', -1, 64)
	verdict.NormalGold = strconv.FormatFloat(gold, 'g', -1, 64)
	verdict.Rule = "final-number.statement"
	verdict.Span = &typesv1.TextSpan{
		Start: utf16Length(item.Completion[:start]),
		End:   utf16Length(item.Completion[:end]),
	}
	return verdict
}

type server struct {
	scorerv1.UnimplementedScorerServiceServer
}

func (server) Score(ctx context.Context, request *scorerv1.ScoreRequest) (*scorerv1.ScoreResponse, error) {
	if request.Scorer != name {
		return nil, status.Errorf(codes.InvalidArgument, "scorer: must be %q, but is %q", name, request.Scorer)
	}
	if count := len(request.Items); count < 1 || count > maxItems {
		return nil, status.Errorf(codes.InvalidArgument, "items: must be 1 to %d, but are %d", maxItems, count)
	}
	if len(request.Config) > 0 {
		return nil, status.Error(codes.InvalidArgument, "config: this scorer has no settings")
	}
	response := &scorerv1.ScoreResponse{}
	for _, item := range request.Items {
		if err := ctx.Err(); err != nil {
			return nil, status.FromContextError(err).Err()
		}
		response.Verdicts = append(response.Verdicts, judge(item))
	}
	return response, nil
}

func (server) ListScorers(context.Context, *scorerv1.ListScorersRequest) (*scorerv1.ListScorersResponse, error) {
	description := fmt.Sprintf(`The number behind "Final answer:", right within %g of the gold answer.`, relativeTolerance)
	scorer := &scorerv1.Scorer{Name: name, Version: version, Description: description}
	return &scorerv1.ListScorersResponse{Scorers: []*scorerv1.Scorer{scorer}}, nil
}

func main() {
	address := "127.0.0.1:50070"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	grpcServer := grpc.NewServer()
	scorerv1.RegisterScorerServiceServer(grpcServer, server{})
	grpc_health_v1.RegisterHealthServer(grpcServer, health.NewServer())
	reflection.Register(grpcServer)
	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-ending
		grpcServer.GracefulStop()
	}()
	fmt.Printf("listening on %s\n", listener.Addr())
	if err := grpcServer.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
