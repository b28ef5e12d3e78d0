// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

/// @notice Parts of a receivable as balances of one ERC-1155 id: no separate notes, so no states and no lineage of a part.
contract Oz1155Notes is ERC1155, Multicall {
    event Document(uint256 indexed id, address to, bytes32 document);

    mapping(uint256 id => bool) public isTaken;

    constructor() ERC1155("") {}

    function register(address to, uint256 fingerprint, uint256 amount) external {
        require(!isTaken[fingerprint]);
        isTaken[fingerprint] = true;
        _mint(to, fingerprint, amount, "");
    }

    function split(uint256 id, address to, uint256 amount, bytes32 document) external {
        safeTransferFrom(msg.sender, to, id, amount, "");
        emit Document(id, to, document);
    }

    function settle(uint256 id, uint256 amount) external {
        _burn(msg.sender, id, amount);
    }
}
