// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

/// @notice Notes as ERC-721 tokens with an amount beside. The fingerprint is the id: once only, as long as nothing is burnt.
contract Oz721Notes is ERC721, Multicall {
    event Document(uint256 indexed id, uint256 indexed child, bytes32 document);

    mapping(uint256 id => uint256) public amountOf;

    constructor() ERC721("Notes", "NOTE") {}

    function register(address to, uint256 fingerprint, uint256 amount) external {
        _mint(to, fingerprint);
        amountOf[fingerprint] = amount;
    }

    function split(uint256 id, address to, uint256 amount, bytes32 document) external {
        require(ownerOf(id) == msg.sender);
        amountOf[id] -= amount;
        uint256 child = uint256(keccak256(abi.encode(id, document)));
        _mint(to, child);
        amountOf[child] = amount;
        emit Document(id, child, document);
    }

    function settle(uint256 id) external {
        _update(address(0), id, msg.sender);
        delete amountOf[id];
    }
}
