package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	family "github.com/0xPolygon/cdk/aggregator/prover"
)

// batchBytes is the size that the data of a batch is filled up to before it is hashed, as the test's rollup type has it.
const batchBytes = 256

// claims are what a proof says; a proof of this program is its claims and a seal on them.
type claims struct {
	oldStateRoot, oldAccInputHash, newStateRoot, newAccInputHash [32]byte
	oldBatch, chain, fork, newBatch                              uint64
}

type provedThing struct {
	claims
	miner string
	final bool
}

// proveBatch stands in for the execution of a batch.
func proveBatch(input *family.PublicInputs) *provedThing {
	c := claims{oldBatch: input.GetOldBatchNum(), newBatch: input.GetOldBatchNum() + 1, chain: input.GetChainId(), fork: input.GetForkId()}
	copy(c.oldStateRoot[:], input.GetOldStateRoot())
	c.execute(input.GetOldAccInputHash(), input.GetBatchL2Data(), input.GetL1InfoRoot(), input.GetTimestampLimit(), input.GetSequencerAddr())
	return &provedThing{claims: c}
}

// proveStatelessBatch finds the old state root where a witness would have it: it is the witness.
func proveStatelessBatch(input *family.StatelessPublicInputs) *provedThing {
	c := claims{oldBatch: input.GetOldBatchNum(), newBatch: input.GetOldBatchNum() + 1, chain: input.GetChainId(), fork: input.GetForkId()}
	copy(c.oldStateRoot[:], input.GetWitness())
	c.execute(input.GetOldAccInputHash(), input.GetBatchL2Data(), input.GetL1InfoRoot(), input.GetTimestampLimit(), input.GetSequencerAddr())
	return &provedThing{claims: c}
}

func (c *claims) execute(oldAccInputHash, data, exitRoot []byte, timestamp uint64, sequencer string) {
	copy(c.oldAccInputHash[:], oldAccInputHash)
	padded := make([]byte, batchBytes)
	copy(padded, data)
	dataHash := sha256.Sum256(padded)
	c.newStateRoot = sha256.Sum256(append(c.oldStateRoot[:], dataHash[:]...))
	address, _ := hex.DecodeString(strings.TrimPrefix(sequencer, "0x"))
	packed := append(append([]byte{}, oldAccInputHash...), dataHash[:]...)
	packed = append(packed, exitRoot...)
	packed = binary.BigEndian.AppendUint64(packed, timestamp)
	c.newAccInputHash = sha256.Sum256(append(packed, address...))
}

func aggregate(first, second string) (*provedThing, error) {
	left, err := parse(first)
	if err != nil {
		return &provedThing{}, err
	}
	right, err := parse(second)
	if err != nil {
		return &provedThing{}, err
	}
	if left.newBatch != right.oldBatch || left.newStateRoot != right.oldStateRoot || left.newAccInputHash != right.oldAccInputHash {
		return &provedThing{}, errors.New("the proofs are not adjacent")
	}
	joined := *left
	joined.newBatch, joined.newStateRoot, joined.newAccInputHash = right.newBatch, right.newStateRoot, right.newAccInputHash
	return &provedThing{claims: joined}, nil
}

func finalise(recursive, miner string) (*provedThing, error) {
	child, err := parse(recursive)
	if err != nil {
		return &provedThing{}, err
	}
	return &provedThing{claims: *child, miner: miner, final: true}, nil
}

// fill writes the proof into the answer, altered as the behaviour says.
func (t *provedThing) fill(answer *family.GetProofResponse, behaviour string) {
	made := *t
	switch behaviour {
	case "other-batch":
		made.oldBatch, made.newBatch = made.oldBatch+1, made.newBatch+1
	case "other-outcome":
		made.newStateRoot[0] ^= 1
	case "other-miner":
		made.miner = "0x1"
	}
	seal := made.seal()
	if behaviour == "false-proof" {
		seal[0] ^= 1
	}
	if !made.final {
		text := made.recursive(seal)
		if behaviour == "large" {
			text = strings.TrimSuffix(text, "}") + `,"padding":"` + strings.Repeat("0", 6<<20) + `"}`
		}
		if behaviour == "not-json" {
			text = "{" + text
		}
		answer.Proof = &family.GetProofResponse_RecursiveProof{RecursiveProof: text}
		return
	}
	answer.Proof = &family.GetProofResponse_FinalProof{FinalProof: &family.FinalProof{
		Proof: "0x" + strings.Repeat(hex.EncodeToString(seal[:]), 24),
		Public: &family.PublicInputsExtended{
			PublicInputs: &family.PublicInputs{
				OldStateRoot: made.oldStateRoot[:], OldAccInputHash: made.oldAccInputHash[:], OldBatchNum: made.oldBatch,
				ChainId: made.chain, ForkId: made.fork, AggregatorAddr: withoutZeros(made.miner),
			},
			NewStateRoot: made.newStateRoot[:], NewAccInputHash: made.newAccInputHash[:], NewLocalExitRoot: make([]byte, 32),
			NewBatchNum: made.newBatch,
		},
	}}
}

// seal is sha256 over the claims, in words of 32 bytes.
func (t *provedThing) seal() [32]byte {
	words := append(append(t.oldStateRoot[:0:0], t.oldStateRoot[:]...), t.oldAccInputHash[:]...)
	words = append(append(words, t.newStateRoot[:]...), t.newAccInputHash[:]...)
	for _, number := range []uint64{t.oldBatch, t.newBatch, t.fork} {
		words = append(words, new(big.Int).SetUint64(number).FillBytes(make([]byte, 32))...)
	}
	miner, _ := new(big.Int).SetString(strings.TrimPrefix(t.miner, "0x"), 16)
	if miner == nil {
		miner = new(big.Int)
	}
	return sha256.Sum256(append(words, miner.FillBytes(make([]byte, 32))...))
}

func (c *claims) recursive(seal [32]byte) string {
	publics := append(limbs(c.oldStateRoot), limbs(c.oldAccInputHash)...)
	for _, number := range []uint64{c.oldBatch, c.chain, c.fork} {
		publics = append(publics, strconv.FormatUint(number, 10))
	}
	publics = append(append(publics, limbs(c.newStateRoot)...), limbs(c.newAccInputHash)...)
	publics = append(append(publics, limbs([32]byte{})...), strconv.FormatUint(c.newBatch, 10))
	text, _ := json.Marshal(map[string]any{"publics": publics, "seal": hex.EncodeToString(seal[:])})
	return string(text)
}

func parse(text string) (*claims, error) {
	var proof struct {
		Publics []string `json:"publics"`
	}
	if err := json.Unmarshal([]byte(text), &proof); err != nil || len(proof.Publics) != 44 {
		return nil, fmt.Errorf("no recursive proof: %.80s", text)
	}
	numbers := make([]uint64, len(proof.Publics))
	for i, public := range proof.Publics {
		numbers[i], _ = strconv.ParseUint(public, 10, 64)
	}
	return &claims{
		oldStateRoot: joined(numbers[0:8]), oldAccInputHash: joined(numbers[8:16]), oldBatch: numbers[16], chain: numbers[17],
		fork: numbers[18], newStateRoot: joined(numbers[19:27]), newAccInputHash: joined(numbers[27:35]), newBatch: numbers[43],
	}, nil
}

// limbs are eight words of 32 bits, the lowest first.
func limbs(root [32]byte) []string {
	words := make([]string, 8)
	for i := range words {
		words[i] = strconv.FormatUint(uint64(binary.BigEndian.Uint32(root[28-4*i:])), 10)
	}
	return words
}

func joined(words []uint64) (root [32]byte) {
	for i, word := range words {
		binary.BigEndian.PutUint32(root[28-4*i:], uint32(word))
	}
	return root
}

func withoutZeros(address string) string {
	return "0x" + strings.TrimLeft(strings.TrimPrefix(address, "0x"), "0")
}
