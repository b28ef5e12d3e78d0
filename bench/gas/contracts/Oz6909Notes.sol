// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC6909} from "@openzeppelin/contracts/token/ERC6909/ERC6909.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

/// @notice As Oz1155Notes, with ERC-6909.
contract Oz6909Notes is ERC6909, Multicall {
    event Document(uint256 indexed id, address to, bytes32 document);

    mapping(uint256 id => bool) public isTaken;

    function register(address to, uint256 fingerprint, uint256 amount) external {
        require(!isTaken[fingerprint]);
        isTaken[fingerprint] = true;
        _mint(to, fingerprint, amount);
    }

    function split(uint256 id, address to, uint256 amount, bytes32 document) external {
        transfer(to, id, amount);
        emit Document(id, to, document);
    }

    function settle(uint256 id, uint256 amount) external {
        _burn(msg.sender, id, amount);
    }
}
