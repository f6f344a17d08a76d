// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {Settings} from "../src/interfaces/RollupTypes.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {StubVerifier} from "./support/StubVerifier.sol";

/// @notice What a verifier says of itself is fixed with the settings: no reveal could be made with figures out of range.
contract VerifierFiguresTest is RollupFixture {
    uint256 private constant MAXIMUM_GAS = 10_000_000;

    function test_figures_out_of_range_are_refused() public {
        refusedFigures(0, 64);
        refusedFigures(MAXIMUM_GAS + 1, 64);
        refusedFigures(50_000, 0);
        refusedFigures(50_000, uint256(type(uint32).max) + 1);
    }

    function test_figures_at_their_limits_are_taken() public {
        Settings memory settings = settingsFor(MAXIMUM_GAS, type(uint32).max);
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
        vm.roll(block.number + ADMIN_DELAY);
        vm.prank(ADMIN);
        rollup.applySettings();
        checkEqual(rollup.parameters().verifierGas, MAXIMUM_GAS, "gas");
        checkEqual(rollup.parameters().proofLength, type(uint32).max, "length");
    }

    function refusedFigures(uint256 gas, uint256 length) private {
        Settings memory settings = settingsFor(gas, length);
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.proposeSettings, (settings)),
            abi.encodeWithSelector(Errors.VerifierUnusable.selector, settings.verifier, gas, MAXIMUM_GAS, length)
        );
    }

    function settingsFor(uint256 gas, uint256 length) private returns (Settings memory settings) {
        settings = settingsWith(T1, T2);
        settings.verifier = address(new StubVerifier(true, gas, length));
    }
}
