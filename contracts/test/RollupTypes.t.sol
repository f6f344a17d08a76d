// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IHonkVerifier} from "../src/interfaces/IHonkVerifier.sol";
import {IZkPowFactory, LaunchConfig, Sample} from "../src/interfaces/IZkPowFactory.sol";
import {LocalChain} from "../src/libraries/LocalChain.sol";
import {SimulatedRule} from "../src/rules/SimulatedRule.sol";
import {TransfersRule} from "../src/rules/TransfersRule.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {Answer, StubRule} from "./support/StubRule.sol";

/// @notice Answers nothing to everything.
contract Silent {
    fallback() external {}
}

/// @notice Registering types: a rule proves itself by a sample, and what proves nothing stays on local chains.
contract RollupTypesTest is RollupFixture {
    uint256 private constant MAXIMUM_GAS = 10_000_000;

    StubRule private stub;

    function setUp() public override {
        super.setUp();
        stub = new StubRule();
    }

    // --- who, and which names ---

    function test_types_are_frozen() public {
        Sample memory sample = sampleOf(simulated);
        bytes memory call = registerCall("transfers", address(simulated), sample);
        refused(address(this), call, abi.encodeWithSelector(IZkPowFactory.RollupTypeExists.selector, "transfers"));
        refused(ALICE, call, abi.encodeWithSelector(IZkPowFactory.NotTheOwner.selector, ALICE, address(this)));
        call = registerCall("", address(simulated), sample);
        refused(address(this), call, abi.encodeWithSelector(IZkPowFactory.EmptyName.selector));
    }

    function test_a_registration_tells_what_the_sample_took() public {
        vm.recordLogs();
        factory.registerRollupType("stub", address(stub), stub.sample());
        uint256 measuredGas;
        (, measuredGas) = abi.decode(vm.getRecordedLogs()[0].data, (string, uint256));
        check(measuredGas > 1000 && measuredGas < 100_000, vm.toString(measuredGas));
        (address rule, bool obsolete) = factory.rollupTypeRule("stub");
        checkEqual(rule, address(stub), "its rule");
        check(!obsolete && factory.isCurrentRule(rule), "current");
    }

    // --- the trial of a rule ---

    function test_a_rule_and_all_that_it_calls_must_have_code() public {
        Sample memory sample = stub.sample();
        refused(
            address(this),
            registerCall("stub", ALICE, sample),
            abi.encodeWithSelector(IZkPowFactory.NotAContract.selector, ALICE)
        );
        refused(
            address(this),
            registerCall("pool", address(pool), sample),
            abi.encodeWithSelector(IZkPowFactory.NotATypeRule.selector, address(pool))
        );
        Silent silent = new Silent();
        refused(
            address(this),
            registerCall("silent", address(silent), sample),
            abi.encodeWithSelector(IZkPowFactory.NotATypeRule.selector, address(silent))
        );
        stub.addPart(address(simulated));
        stub.addPart(BOB);
        refusedTrial(sample, abi.encodeWithSelector(IZkPowFactory.NotAContract.selector, BOB));
    }

    function test_figures_out_of_range_are_refused() public {
        refusedFigures(0, 32, 64);
        refusedFigures(MAXIMUM_GAS + 1, 32, 64);
        refusedFigures(100_000, 0, 64);
        refusedFigures(100_000, 65, 64);
        refusedFigures(100_000, 32, uint256(type(uint32).max) + 1);
    }

    function test_figures_at_their_limits_are_taken() public {
        stub.setFigures(MAXIMUM_GAS, 1, type(uint32).max);
        rollup = launchStub("stub", stub);
        checkEqual(rollup.termsOf(1).verificationGas, MAXIMUM_GAS, "gas");
        checkEqual(rollup.termsOf(1).minimumProofLength, 1, "shortest");
        checkEqual(rollup.termsOf(1).maximumProofLength, type(uint32).max, "longest");
    }

    function test_a_rule_that_refuses_its_sample_is_refused() public {
        bytes memory expected = refusedSample(100_000);
        Sample memory sample = stub.sample();
        for (uint8 answer = uint8(Answer.No); answer <= uint8(Answer.Bomb); answer++) {
            stub.setAnswer(Answer(answer));
            refusedTrial(sample, expected);
        }
        stub.setAnswer(Answer.Honestly);
        sample.proof[3] ^= 0x01;
        refusedTrial(sample, expected);
        sample = stub.sample();
        stub.setNeed(101_000); // more than it declares
        refusedTrial(sample, expected);
        stub.setNeed(90_000);
        stub.setFigures(100_000, 33, 64); // a sample of another length
        refusedTrial(sample, expected);
        stub.setFigures(100_000, 16, 31);
        refusedTrial(sample, expected);
    }

    function test_a_rule_that_takes_a_broken_proof_is_refused() public {
        stub.setAnswer(Answer.Yes);
        refusedBroken(stub.sample(), 0);
        stub.setAnswer(Answer.Honestly);
        stub.setIgnoredBytes(1, 0);
        refusedBroken(stub.sample(), 0);
        stub.setIgnoredBytes(0, 16);
        refusedBroken(stub.sample(), 31);
        stub.setIgnoredBytes(0, 17);
        refusedBroken(stub.sample(), 15);
    }

    function test_a_rule_that_ignores_a_field_of_the_statement_is_refused() public {
        refusedUnbound("oldStateRoot");
        refusedUnbound("newStateRoot");
        refusedUnbound("oldAccInputHash");
        refusedUnbound("newAccInputHash");
        stub.setHasExitRoots(true);
        refusedUnbound("newLocalExitRoot");
        stub.setHasExitRoots(false); // it must be 0, so it need not be looked at
        factory.registerRollupType("stub", address(stub), stub.sample());
    }

    function test_a_rule_that_says_it_binds_the_miner_must_do_so() public {
        stub.setBindsMiner(false);
        Sample memory sample = stub.sample();
        stub.setSaysItBindsMiner(true);
        refusedTrial(sample, notBound("miner"));
        stub.setSaysItBindsMiner(false);
        factory.registerRollupType("stub", address(stub), sample);
    }

    /// @dev A "no" for want of gas is none: a trial that is short of gas is not passed.
    function test_a_broken_rule_is_registered_at_no_gas_limit() public {
        stub.setFigures(MAXIMUM_GAS, 32, 64);
        stub.setNeed(3_500_000);
        stub.setBindsMiner(false);
        Sample memory sample = stub.sample();
        stub.setSaysItBindsMiner(true); // only the last of all trials shows that it does not
        bytes memory call = registerCall("stub", address(stub), sample);
        for (uint256 gasLimit = 15_000_000; gasLimit < 35_000_000; gasLimit += 500_000) {
            (bool success,) = address(factory).call{gas: gasLimit}(call);
            check(!success, vm.toString(gasLimit));
        }
    }

    // --- obsolete types ---

    function test_an_obsolete_type_launches_nothing_until_it_is_current_again() public {
        factory.setObsolete("transfers", true);
        check(!factory.isCurrentRule(address(simulated)), "not current");
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        refused(
            address(this),
            abi.encodeCall(IZkPowFactory.launchRollup, (config)),
            abi.encodeWithSelector(IZkPowFactory.RollupTypeIsObsolete.selector, "transfers")
        );
        factory.setObsolete("transfers", true); // once more is the same
        factory.setObsolete("transfers", false);
        check(factory.isCurrentRule(address(simulated)), "current again");
        factory.launchRollup(config);
    }

    function test_a_rule_is_current_while_one_of_its_types_is() public {
        factory.registerRollupType("other", address(simulated), sampleOf(simulated));
        factory.setObsolete("transfers", true);
        check(factory.isCurrentRule(address(simulated)), "by the other");
        factory.setObsolete("other", true);
        check(!factory.isCurrentRule(address(simulated)), "by none");
    }

    function test_only_the_owner_says_what_is_obsolete_and_of_types_that_are() public {
        bytes memory call = abi.encodeCall(IZkPowFactory.setObsolete, ("transfers", true));
        refused(ALICE, call, abi.encodeWithSelector(IZkPowFactory.NotTheOwner.selector, ALICE, address(this)));
        call = abi.encodeCall(IZkPowFactory.setObsolete, ("unknown", true));
        refused(address(this), call, abi.encodeWithSelector(IZkPowFactory.UnknownRollupType.selector, "unknown"));
    }

    function test_rollups_of_an_obsolete_type_go_on() public {
        deposit(ALICE, 200 ether);
        factory.setObsolete("transfers", true);
        uint64 last = post(1);
        commit(ALICE, last);
        vm.roll(1000 + T1);
        check(reveal(ALICE, last), "verified");
    }

    // --- rules that prove nothing ---

    function test_simulated_proofs_and_development_setups_are_for_local_chains_only() public {
        IHonkVerifier honk = IHonkVerifier(address(simulated)); // any contract
        new TransfersRule(honk, 0, 64, 1, true);
        vm.chainId(1);
        (bool success, bytes memory returned) = address(this).call(abi.encodeCall(this.makeSimulated, ()));
        check(!success, "simulated");
        bytes memory expected = abi.encodeWithSelector(LocalChain.NotALocalChain.selector, 1);
        checkEqual(keccak256(returned), keccak256(expected), "names the chain");
        (success,) = address(this).call(abi.encodeCall(this.makeTransfersRule, (honk, true)));
        check(!success, "development set-up");
        (success,) = address(this).call(abi.encodeCall(this.makeTransfersRule, (honk, false)));
        check(success, "the real set-up");
    }

    function makeSimulated() external {
        new SimulatedRule(160, 8, 1280);
    }

    function makeTransfersRule(IHonkVerifier honk, bool developmentSetup) external {
        new TransfersRule(honk, 0, 64, 1, developmentSetup);
    }

    // --- help ---

    function refusedFigures(uint256 gas, uint256 minimum, uint256 maximum) private {
        stub.setFigures(gas, minimum, maximum);
        refusedTrial(
            stub.sample(),
            abi.encodeWithSelector(
                IZkPowFactory.RuleFigures.selector, address(stub), gas, MAXIMUM_GAS, minimum, maximum
            )
        );
    }

    function refusedSample(uint256 gas) private view returns (bytes memory) {
        return abi.encodeWithSelector(IZkPowFactory.SampleRefused.selector, address(stub), gas);
    }

    function refusedUnbound(string memory field) private {
        stub.setIgnoredField(field);
        refusedTrial(stub.sample(), notBound(field));
    }

    function notBound(string memory field) private view returns (bytes memory) {
        return abi.encodeWithSelector(IZkPowFactory.StatementNotBound.selector, address(stub), field);
    }

    function refusedBroken(Sample memory sample, uint256 what) private {
        refusedTrial(sample, abi.encodeWithSelector(IZkPowFactory.BrokenProofAccepted.selector, address(stub), what));
    }

    function refusedTrial(Sample memory sample, bytes memory expected) private {
        refused(address(this), registerCall("stub", address(stub), sample), expected);
    }

    function refused(address sender, bytes memory call, bytes memory expected) private {
        checkReverts(sender, address(factory), call, expected);
    }
}
