// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC3525} from "@solvprotocol/erc-3525/ERC3525.sol";
import {Multicall} from "@solvprotocol/erc-3525/node_modules/@openzeppelin/contracts/utils/Multicall.sol";

/// @notice Notes as ERC-3525 values: the slot is the receivable. The reference's own functions move value; beside them stand
/// only a guard for once-only and an event for the document.
contract Erc3525Notes is ERC3525, Multicall {
    event Document(uint256 indexed id, bytes32 document);

    mapping(bytes32 fingerprint => bool) public isTaken;

    constructor() ERC3525("Notes", "NOTE", 2) {}

    function register(address to, uint256 receivable, uint256 value, bytes32 fingerprint) external {
        require(!isTaken[fingerprint]);
        isTaken[fingerprint] = true;
        _mint(to, receivable, value);
    }

    function split(uint256 from, address to, uint256 value, bytes32 document) external {
        emit Document(transferFrom(from, to, value), document);
    }

    function settle(uint256 id) external {
        require(_isApprovedOrOwner(msg.sender, id));
        _burn(id);
    }
}
