// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC721} from "solady/src/tokens/ERC721.sol";
import {Multicallable} from "solady/src/utils/Multicallable.sol";

/// @notice Notes as ERC-721 tokens with amount and lock in the slot of the owner. The fingerprint is the id: once only, as
/// long as nothing is burnt.
contract Solady721Notes is ERC721, Multicallable {
    event Document(uint256 indexed id, uint256 indexed child, bytes32 document);
    event Financed(uint256 indexed id, address financier);

    uint96 private constant _LOCKED = 1 << 95;

    function name() public pure override returns (string memory) {
        return "Notes";
    }

    function symbol() public pure override returns (string memory) {
        return "NOTE";
    }

    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }

    function register(address to, uint256 fingerprint, uint96 amount) external {
        require(!_exists(fingerprint));
        _mintAndSetExtraDataUnchecked(to, fingerprint, amount);
    }

    function split(uint256 id, address to, uint96 amount, bytes32 document) external {
        require(_ownerOf(id) == msg.sender);
        _setExtraData(id, _getExtraData(id) - amount);
        uint256 child = uint256(keccak256(abi.encode(id, document)));
        require(!_exists(child));
        _mintAndSetExtraDataUnchecked(to, child, amount);
        emit Document(id, child, document);
    }

    /// @notice Locks the note once and hands it to the financier.
    function finance(uint256 id, address financier) external {
        uint96 data = _getExtraData(id);
        require(data & _LOCKED == 0);
        _setExtraData(id, data | _LOCKED);
        transferFrom(msg.sender, financier, id);
        emit Financed(id, financier);
    }

    function settle(uint256 id) external {
        _burn(msg.sender, id);
    }
}
