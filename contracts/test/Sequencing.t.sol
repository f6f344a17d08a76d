// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {IZkPowRollupEvents as Events} from "../src/interfaces/IZkPowRollupEvents.sol";
import {BatchData} from "../src/interfaces/RollupTypes.sol";
import {PaddedRecords} from "../src/libraries/PaddedRecords.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {StubRule} from "./support/StubRule.sol";

/// @notice Posting and the accumulated input hash.
contract SequencingTest is RollupFixture {
    /// @dev Most gas that checking and chaining one posting's data may take.
    uint256 private constant LIMIT = 12_000_000;

    function test_accumulated_input_hashes_are_those_of_the_shared_vectors() public {
        string memory json = vm.readFile("test/vectors/acc-input-hash.json");
        address coinbase = vm.parseJsonAddress(json, ".l2Coinbase");
        uint256 i = 0;
        for (; vm.keyExistsJson(json, key(i, "accInputHash")); i++) {
            BatchData[] memory batches = new BatchData[](1);
            batches[0] = vectorBatch(json, i);
            vm.prank(SEQUENCER);
            rollup.sequenceBatches(batches, coinbase);
            (bytes32 accInputHash,,,,) = rollup.sequencedBatches(uint64(i + 1));
            checkEqual(accInputHash, vm.parseJsonBytes32(json, key(i, "accInputHash")), vm.toString(i));
        }
        check(i >= 7, "at least seven batches");
    }

    function test_accumulated_input_hashes_are_those_of_the_transfers_vectors() public {
        string memory json = vm.readFile("test/vectors/transfers.json");
        vm.warp(1_800_000_000); // after all of them
        bytes32 accInputHash;
        uint256 i = 0;
        for (; vm.keyExistsJson(json, transfersKey(i, "accInputHash")); i++) {
            BatchData[] memory batches = new BatchData[](1);
            batches[0] = BatchData({
                transactions: vm.parseJsonBytes(json, transfersKey(i, "transactions")),
                globalExitRoot: vm.parseJsonBytes32(json, transfersKey(i, "globalExitRoot")),
                timestamp: uint64(vm.parseJsonUint(json, transfersKey(i, "timestamp"))),
                minForcedTimestamp: 0
            });
            checkEqual(accInputHash, vm.parseJsonBytes32(json, transfersKey(i, "statement.oldAccInputHash")), "before");
            vm.prank(SEQUENCER);
            rollup.sequenceBatches(batches, vm.parseJsonAddress(json, transfersKey(i, "l2Coinbase")));
            (accInputHash,,,,) = rollup.sequencedBatches(uint64(i + 1));
            checkEqual(accInputHash, vm.parseJsonBytes32(json, transfersKey(i, "accInputHash")), vm.toString(i));
        }
        check(i >= 5, "at least five batches");
    }

    function test_a_sequence_of_several_batches_chains_the_same_hashes() public {
        string memory json = vm.readFile("test/vectors/acc-input-hash.json");
        BatchData[] memory batches = new BatchData[](7);
        for (uint256 i = 0; i < 7; i++) {
            batches[i] = vectorBatch(json, i);
        }
        bytes32 expected = vm.parseJsonBytes32(json, key(6, "accInputHash"));
        vm.expectEmit(address(rollup));
        emit Events.SequenceBatches(7);
        vm.expectEmit(address(rollup));
        emit Events.SequencePosted(1, 7, expected, 6 ether); // 2 + 5 non-empty batches, capped
        vm.prank(SEQUENCER);
        rollup.sequenceBatches(batches, vm.parseJsonAddress(json, ".l2Coinbase"));
        checkEqual(rollup.lastBatchSequenced(), 7, "last batch");
    }

    function test_posting_refusals_name_their_numbers() public {
        checkRollupReverts(
            ALICE, postCall(1, new bytes(160), 0), abi.encodeWithSelector(Errors.NotAllowed.selector, ALICE, SEQUENCER)
        );
        refused(postCall(0, "", 0), abi.encodeWithSelector(Errors.EmptySequence.selector));
        refused(
            postCall(1, new bytes(161), 0),
            abi.encodeWithSelector(PaddedRecords.BatchDataLength.selector, 0, 161, 160, 8)
        );
        refused(
            postCall(1, new bytes(9 * 160), 0),
            abi.encodeWithSelector(PaddedRecords.BatchDataLength.selector, 0, 1440, 160, 8)
        );
        refused(postCall(1, "", 5), abi.encodeWithSelector(PaddedRecords.ForcedBatchesUnsupported.selector, 0, 5));
        uint64 now_ = uint64(block.timestamp);
        vm.warp(now_ - 1);
        refused(postCallAt(now_, 1), abi.encodeWithSelector(Errors.BatchTimestamp.selector, 0, now_, 0, now_ - 1));
        vm.warp(now_);
        post(1);
        refused(
            postCallAt(now_ - 1, 1), abi.encodeWithSelector(Errors.BatchTimestamp.selector, 0, now_ - 1, now_, now_)
        );
        vm.prank(ADMIN);
        rollup.pause();
        refused(postCall(1, "", 0), abi.encodeWithSelector(Errors.RollupPaused.selector));
    }

    // --- limits ---

    function test_a_posting_is_limited_by_its_gas_and_not_by_its_batches() public {
        checkEqual(post(1000, new bytes(1280)), 1000, "a thousand");
        refusedAsTooExpensive(postCall(4000, new bytes(1280), 0), 4000);
        rollup = launchStub("stub", new StubRule());
        checkEqual(post(4000, ""), 4000, "as many, where they cost less");
    }

    function test_a_posting_up_to_the_limit_is_taken() public {
        StubRule stub = new StubRule();
        rollup = launchStub("stub", stub);
        stub.setAccumulationGas(LIMIT - 20_000);
        checkEqual(post(1), 1, "taken");
        stub.setAccumulationGas(LIMIT);
        refusedAsTooExpensive(postCall(1, new bytes(160), 0), 1);
    }

    function test_a_rule_cannot_pay_more_batches_than_were_posted() public {
        StubRule stub = new StubRule();
        rollup = launchStub("stub", stub);
        stub.setPayingBatches(5);
        fund(100 ether);
        deposit(ALICE, MINIMUM);
        uint64 last = post(2);
        checkEqual(viewOf(ALICE, last).pot, 2 ether + 2 * 1 ether, "two batches");
        stub.setPayingBatches(1);
        checkEqual(viewOf(ALICE, post(2)).pot, 2 ether + 1 ether, "one of them");
    }

    function refusedAsTooExpensive(bytes memory call, uint256 batches) private {
        (bool success, bytes memory returned) = tryFrom(SEQUENCER, address(rollup), call);
        check(!success, "refused");
        checkEqual(bytes32(bytes4(returned)), bytes32(Errors.PostingTooExpensive.selector), "for its gas");
        (, uint256 named, uint256 used, uint256 limit) =
            abi.decode(abi.encodePacked(bytes28(0), returned), (uint256, uint256, uint256, uint256));
        checkEqual(named, batches, "batches");
        checkEqual(limit, LIMIT, "limit");
        check(used > LIMIT, "used");
    }

    function refused(bytes memory call, bytes memory expected) private {
        checkRollupReverts(SEQUENCER, call, expected);
    }

    function postCallAt(uint64 timestamp, uint256 count) private pure returns (bytes memory) {
        BatchData[] memory batches = new BatchData[](count);
        for (uint256 i = 0; i < count; i++) {
            batches[i] = BatchData("", 0, timestamp, 0);
        }
        return abi.encodeCall(IZkPowRollupActions.sequenceBatches, (batches, SEQUENCER));
    }

    function vectorBatch(string memory json, uint256 i) private pure returns (BatchData memory) {
        return BatchData({
            transactions: vm.parseJsonBytes(json, key(i, "transactions")),
            globalExitRoot: vm.parseJsonBytes32(json, key(i, "globalExitRoot")),
            timestamp: uint64(vm.parseJsonUint(json, key(i, "timestamp"))),
            minForcedTimestamp: 0
        });
    }

    function key(uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".batches[", vm.toString(i), "].", field);
    }

    function transfersKey(uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".batches", key(i, field));
    }
}
