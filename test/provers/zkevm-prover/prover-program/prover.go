package main

import (
	"fmt"
	"sync"

	family "github.com/0xPolygon/cdk/aggregator/prover"
	"github.com/google/uuid"
)

// pollsToDone is after how many questions a proof is done, unless it has to wait for "finish".
const pollsToDone = 2

type computation struct {
	proof  *provedThing
	failed bool
	done   bool
	polls  int
}

// prover is the state of the process; it lives longer than its streams.
type prover struct {
	mutex        sync.Mutex
	name, id     string
	fork         uint64
	behaviour    string
	onHold       bool
	computations map[string]*computation
	order        []string
	breaker      chan struct{}
}

func newProver(name, id string, fork uint64, behaviour string) *prover {
	if id == "" {
		id = uuid.NewString()
	}
	return &prover{name: name, id: id, fork: fork, behaviour: behaviour, computations: map[string]*computation{}}
}

func (p *prover) behave(behaviour string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.behaviour = behaviour
}

func (p *prover) behaves(behaviour string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.behaviour == behaviour
}

func (p *prover) hold(on bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.onHold = on
}

func (p *prover) held() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.onHold
}

func (p *prover) newBreaker() <-chan struct{} {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.breaker = make(chan struct{})
	return p.breaker
}

func (p *prover) disconnect() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.breaker != nil {
		close(p.breaker)
		p.breaker = nil
	}
}

// disconnectsAfter says whether it breaks the stream after an answer; it does so once.
func (p *prover) disconnectsAfter(kind string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.behaviour != "disconnect-after-"+kind {
		return false
	}
	p.behaviour = "honest"
	return true
}

func (p *prover) finish() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if current := p.current(); current != "" {
		p.computations[current].done = true
	}
}

// current is the id of the oldest computation that is not done.
func (p *prover) current() string {
	for _, id := range p.order {
		if !p.computations[id].done {
			return id
		}
	}
	return ""
}

func (p *prover) begin(proof *provedThing, failed bool) (string, family.Result) {
	switch p.behaviour {
	case "refuse":
		return "", family.Result_RESULT_ERROR
	case "internal-error":
		return "", family.Result_RESULT_INTERNAL_ERROR
	}
	if p.current() != "" {
		tell("second task", map[string]any{"current": p.current()})
	}
	id := uuid.NewString()
	p.computations[id] = &computation{proof: proof, failed: failed}
	p.order = append(p.order, id)
	return id, family.Result_RESULT_OK
}

// answer is nil where the prover falls silent.
func (p *prover) answer(request *family.AggregatorMessage) *family.ProverMessage {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	message := &family.ProverMessage{Id: request.GetId()}
	switch {
	case request.GetGetStatusRequest() != nil:
		message.Response = p.status()
	case request.GetGenBatchProofRequest() != nil:
		id, result := p.begin(proveBatch(request.GetGenBatchProofRequest().GetInput().GetPublicInputs()), false)
		message.Response = &family.ProverMessage_GenBatchProofResponse{GenBatchProofResponse: &family.GenBatchProofResponse{Id: id, Result: result}}
	case request.GetGenStatelessBatchProofRequest() != nil:
		id, result := p.begin(proveStatelessBatch(request.GetGenStatelessBatchProofRequest().GetInput().GetPublicInputs()), false)
		message.Response = &family.ProverMessage_GenBatchProofResponse{GenBatchProofResponse: &family.GenBatchProofResponse{Id: id, Result: result}}
	case request.GetGenAggregatedProofRequest() != nil:
		asked := request.GetGenAggregatedProofRequest()
		proof, err := aggregate(asked.GetRecursiveProof_1(), asked.GetRecursiveProof_2())
		id, result := p.begin(proof, err != nil)
		message.Response = &family.ProverMessage_GenAggregatedProofResponse{GenAggregatedProofResponse: &family.GenAggregatedProofResponse{Id: id, Result: result}}
	case request.GetGenFinalProofRequest() != nil:
		asked := request.GetGenFinalProofRequest()
		proof, err := finalise(asked.GetRecursiveProof(), asked.GetAggregatorAddr())
		id, result := p.begin(proof, err != nil)
		message.Response = &family.ProverMessage_GenFinalProofResponse{GenFinalProofResponse: &family.GenFinalProofResponse{Id: id, Result: result}}
	case request.GetGetProofRequest() != nil:
		message.Response = &family.ProverMessage_GetProofResponse{GetProofResponse: p.proof(request.GetGetProofRequest().GetId())}
	case request.GetCancelRequest() != nil:
		message.Response = &family.ProverMessage_CancelResponse{CancelResponse: p.cancel(request.GetCancelRequest().GetId())}
	}
	switch p.behaviour {
	case "silent":
		return nil
	case "silent-in-proof":
		if request.GetGetProofRequest() != nil {
			return nil
		}
	case "wrong-message-id":
		if request.GetGetProofRequest() != nil {
			message.Id = "another"
		}
	case "wrong-kind":
		if request.GetGetProofRequest() != nil {
			message.Response = p.status()
		}
	case "no-response":
		if request.GetGetProofRequest() != nil {
			message.Response = nil
		}
	}
	return message
}

func (p *prover) status() *family.ProverMessage_GetStatusResponse {
	current := p.current()
	status := family.GetStatusResponse_STATUS_IDLE
	if current != "" {
		status = family.GetStatusResponse_STATUS_COMPUTING
	}
	return &family.ProverMessage_GetStatusResponse{GetStatusResponse: &family.GetStatusResponse{
		Status: status, CurrentComputingRequestId: current, ProverName: p.name, ProverId: p.id, ForkId: p.fork,
		VersionProto: "v0_0_1", VersionServer: "0.0.1", NumberOfCores: 2, TotalMemory: 1 << 40, FreeMemory: 1 << 39,
	}}
}

// cancel says yes and does nothing, as provers of the family do.
func (p *prover) cancel(id string) *family.CancelResponse {
	found := p.computations[id]
	if found == nil || found.done {
		return &family.CancelResponse{Result: family.Result_RESULT_ERROR}
	}
	return &family.CancelResponse{Result: family.Result_RESULT_OK}
}

func (p *prover) proof(id string) *family.GetProofResponse {
	found := p.computations[id]
	if found == nil || p.behaviour == "forget" {
		return &family.GetProofResponse{Result: family.GetProofResponse_RESULT_ERROR, ResultString: "invalid UUID"}
	}
	found.polls++
	if found.polls >= pollsToDone && p.behaviour != "slow" {
		found.done = true
	}
	if !found.done {
		return &family.GetProofResponse{Result: family.GetProofResponse_RESULT_PENDING, ResultString: "pending"}
	}
	if found.failed || p.behaviour == "fail" {
		return &family.GetProofResponse{Id: id, Result: family.GetProofResponse_RESULT_COMPLETED_ERROR, ResultString: "completed_error"}
	}
	answer := &family.GetProofResponse{Id: id, Result: family.GetProofResponse_RESULT_COMPLETED_OK, ResultString: "completed"}
	if p.behaviour == "wrong-proof-id" {
		answer.Id = fmt.Sprintf("not %s", id)
	}
	found.proof.fill(answer, p.behaviour)
	return answer
}
