// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC6909} from "solady/src/tokens/ERC6909.sol";
import {Multicallable} from "solady/src/utils/Multicallable.sol";

/// @notice As Oz1155Notes, with solady's ERC-6909; and a lock for financing beside.
contract Solady6909Notes is ERC6909, Multicallable {
    event Document(uint256 indexed id, address to, bytes32 document);
    event Financed(uint256 indexed id, address financier);

    mapping(uint256 id => bool) public isTaken;
    mapping(uint256 id => mapping(address holder => bool)) public isFinanced;

    function name(uint256) public pure override returns (string memory) {
        return "Notes";
    }

    function symbol(uint256) public pure override returns (string memory) {
        return "NOTE";
    }

    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }

    function register(address to, uint256 fingerprint, uint256 amount) external {
        require(!isTaken[fingerprint]);
        isTaken[fingerprint] = true;
        _mint(to, fingerprint, amount);
    }

    function split(uint256 id, address to, uint256 amount, bytes32 document) external {
        transfer(to, id, amount);
        emit Document(id, to, document);
    }

    /// @notice Locks a holder's part once and hands it to the financier.
    function finance(uint256 id, address financier, uint256 amount) external {
        require(!isFinanced[id][msg.sender]);
        isFinanced[id][msg.sender] = true;
        transfer(financier, id, amount);
        emit Financed(id, financier);
    }

    function settle(uint256 id, uint256 amount) external {
        _burn(msg.sender, id, amount);
    }
}
