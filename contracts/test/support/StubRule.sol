// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ITypeRule, Statement} from "../../src/interfaces/ITypeRule.sol";
import {Sample} from "../../src/interfaces/IZkPowFactory.sol";
import {BatchData} from "../../src/interfaces/RollupTypes.sol";

/// @notice How a stub answers.
enum Answer {
    /// Yes to `proofFor(statement)`, no to all else.
    Honestly,
    Yes,
    No,
    Revert,
    /// All gas is used up.
    RunOut,
    /// All gas is used up but a little, then false is returned.
    UseUpThenNo,
    /// As many calls down as a rule may make, all gas is used up; each of them makes a "no" of that.
    NestedRunOut,
    /// 2 in place of true.
    Two,
    /// True, and then more.
    TrueAndMore,
    /// A megabyte.
    Bomb
}

/// @notice Answers and says of itself what it is told to, also after its registration.
contract StubRule is ITypeRule {
    uint256 public verificationGas = 100_000;
    uint256 public minimumLength = 32;
    uint256 public maximumLength = 64;
    bool public bindsMiner = true;
    bool private _realBindsMiner = true;
    /// Field of a statement that is not looked at.
    bytes32 private _ignoredField;
    /// Bytes at the start and at the end of a proof that are not looked at.
    uint256 private _ignoredAtStart;
    uint256 private _ignoredAtEnd;
    bool public hasExitRoots;
    Answer public answer;
    /// Gas that an honest answer takes at least.
    uint256 public need;
    /// With less gas than this it says no at once.
    uint256 private _leastGiven;
    /// Gas that `accumulate` takes at least, and how many batches it says hold something.
    uint256 private _accumulationGas;
    uint256 private _payingBatches = type(uint256).max;
    address[] private _parts;

    function setFigures(uint256 gas, uint256 minimum, uint256 maximum) external {
        (verificationGas, minimumLength, maximumLength) = (gas, minimum, maximum);
    }

    function setAnswer(Answer answer_) external {
        answer = answer_;
    }

    function setNeed(uint256 need_) external {
        need = need_;
    }

    function setBindsMiner(bool bindsMiner_) external {
        (bindsMiner, _realBindsMiner) = (bindsMiner_, bindsMiner_);
    }

    function setSaysItBindsMiner(bool says) external {
        bindsMiner = says;
    }

    function setIgnoredField(string calldata field) external {
        _ignoredField = keccak256(bytes(field));
    }

    function setIgnoredBytes(uint256 atStart, uint256 atEnd) external {
        (_ignoredAtStart, _ignoredAtEnd) = (atStart, atEnd);
    }

    function setHasExitRoots(bool hasExitRoots_) external {
        hasExitRoots = hasExitRoots_;
    }

    function setLeastGiven(uint256 gas) external {
        _leastGiven = gas;
    }

    function setAccumulationGas(uint256 gas) external {
        _accumulationGas = gas;
    }

    function setPayingBatches(uint256 count) external {
        _payingBatches = count;
    }

    function addPart(address part) external {
        _parts.push(part);
    }

    /// @return the one right proof of a statement
    function proofFor(Statement memory statement) public view returns (bytes memory) {
        if (!_realBindsMiner) statement.miner = address(0);
        if (_ignoredField == keccak256("oldStateRoot")) statement.oldStateRoot = 0;
        if (_ignoredField == keccak256("newStateRoot")) statement.newStateRoot = 0;
        if (_ignoredField == keccak256("oldAccInputHash")) statement.oldAccInputHash = 0;
        if (_ignoredField == keccak256("newAccInputHash")) statement.newAccInputHash = 0;
        if (_ignoredField == keccak256("newLocalExitRoot")) statement.newLocalExitRoot = 0;
        return abi.encodePacked(keccak256(abi.encode(statement)));
    }

    function sample() external view returns (Sample memory) {
        Statement memory statement;
        statement.lastBatch = 1;
        return Sample(statement, proofFor(statement));
    }

    function accumulate(bytes32 accInputHash, BatchData[] calldata batches, address)
        external
        view
        returns (bytes32, uint256)
    {
        _use(_accumulationGas, gasleft());
        return (keccak256(abi.encode(accInputHash, batches)), _payingBatches);
    }

    function verify(Statement calldata statement, bytes calldata proof) external view returns (bool) {
        uint256 start = gasleft();
        if (start < _leastGiven) return false;
        if (answer == Answer.Yes) return true;
        if (answer == Answer.No) return false;
        if (answer == Answer.Revert) revert("no");
        if (answer == Answer.RunOut) _runOut();
        if (answer == Answer.UseUpThenNo) {
            _use(gasleft() > 2000 ? gasleft() - 2000 : 0, gasleft());
            return false;
        }
        if (answer == Answer.NestedRunOut) return this.dig(3);
        if (answer == Answer.Two) _return(2, 32);
        if (answer == Answer.TrueAndMore) _return(1, 64);
        if (answer == Answer.Bomb) _return(1, 1_000_000);
        _use(need, start);
        bytes memory right = proofFor(statement);
        if (proof.length != right.length) return false;
        for (uint256 i = _ignoredAtStart; i + _ignoredAtEnd < right.length; i++) {
            if (proof[i] != right[i]) return false;
        }
        return true;
    }

    function dig(uint256 depth) external view returns (bool) {
        if (depth == 0) _runOut();
        try this.dig(depth - 1) returns (bool yes) {
            return yes;
        } catch {
            return false;
        }
    }

    function proofLengths() external view returns (uint256, uint256) {
        return (minimumLength, maximumLength);
    }

    function proofSystem() external pure returns (string memory) {
        return "stub";
    }

    function circuitId() external pure returns (bytes32) {
        return 0;
    }

    function parts() external view returns (address[] memory) {
        return _parts;
    }

    /// @dev Uses up so much gas, counted from `start`: the most of it at once, by memory, as a loop takes a test too long.
    function _use(uint256 gas, uint256 start) private view {
        // n words cost 3n + n²/512, and finding n about a thousand.
        uint256 words = gas < 20_000 ? 0 : Math.sqrt(768 ** 2 + 512 * (gas - gas / 16 - 10_000)) - 768;
        assembly ("memory-safe") {
            mstore(mul(words, 32), 0)
        }
        while (start - gasleft() < gas) {}
    }

    function _runOut() private pure {
        assembly ("memory-safe") {
            invalid()
        }
    }

    function _return(uint256 word, uint256 length) private pure {
        assembly {
            mstore(0, word)
            return(0, length)
        }
    }
}
