from smpp_router.wire import constants as c


def table(words: str) -> dict[str, int]:
    """Names and hexadecimal values by turns."""
    listed = words.split()
    return {name: int(value, 16) for name, value in zip(listed[::2], listed[1::2], strict=True)}


# An independent reading of SMPP 3.4 section 5.1.2.1: what smpplib says is checked against it.
COMMANDS_3_4 = {
    "generic_nack": 0x80000000,
    "bind_receiver": 0x00000001,
    "bind_receiver_resp": 0x80000001,
    "bind_transmitter": 0x00000002,
    "bind_transmitter_resp": 0x80000002,
    "query_sm": 0x00000003,
    "query_sm_resp": 0x80000003,
    "submit_sm": 0x00000004,
    "submit_sm_resp": 0x80000004,
    "deliver_sm": 0x00000005,
    "deliver_sm_resp": 0x80000005,
    "unbind": 0x00000006,
    "unbind_resp": 0x80000006,
    "replace_sm": 0x00000007,
    "replace_sm_resp": 0x80000007,
    "cancel_sm": 0x00000008,
    "cancel_sm_resp": 0x80000008,
    "bind_transceiver": 0x00000009,
    "bind_transceiver_resp": 0x80000009,
    "outbind": 0x0000000B,
    "enquire_link": 0x00000015,
    "enquire_link_resp": 0x80000015,
    "submit_multi": 0x00000021,
    "submit_multi_resp": 0x80000021,
    "alert_notification": 0x00000102,
    "data_sm": 0x00000103,
    "data_sm_resp": 0x80000103,
}

# SMPP 3.4 section 5.1.3, the names without their common ESME_R.
STATUSES_3_4 = table("""
OK 0 INVMSGLEN 1 INVCMDLEN 2 INVCMDID 3 INVBNDSTS 4 ALYBND 5 INVPRTFLG 6 INVREGDLVFLG 7 SYSERR 8
INVSRCADR A INVDSTADR B INVMSGID C BINDFAIL D INVPASWD E INVSYSID F CANCELFAIL 11 REPLACEFAIL 13
MSGQFUL 14 INVSERTYP 15 INVNUMDESTS 33 INVDLNAME 34 INVDESTFLAG 40 INVSUBREP 42 INVESMCLASS 43
CNTSUBDL 44 SUBMITFAIL 45 INVSRCTON 48 INVSRCNPI 49 INVDSTTON 50 INVDSTNPI 51 INVSYSTYP 53
INVREPFLAG 54 INVNUMMSGS 55 THROTTLED 58 INVSCHED 61 INVEXPIRY 62 INVDFTMSGID 63 X_T_APPN 64
X_P_APPN 65 X_R_APPN 66 QUERYFAIL 67 INVOPTPARSTREAM C0 OPTPARNOTALLWD C1 INVPARLEN C2
MISSINGOPTPARAM C3 INVOPTPARAMVAL C4 DELIVERYFAILURE FE UNKNOWNERR FF
""")

# SMPP 3.4 section 5.3.2.
TAGS_3_4 = table("""
dest_addr_subunit 5 dest_network_type 6 dest_bearer_type 7 dest_telematics_id 8 source_addr_subunit D
source_network_type E source_bearer_type F source_telematics_id 10 qos_time_to_live 17 payload_type 19
additional_status_info_text 1D receipted_message_id 1E ms_msg_wait_facilities 30 privacy_indicator 201
source_subaddress 202 dest_subaddress 203 user_message_reference 204 user_response_code 205
source_port 20A destination_port 20B sar_msg_ref_num 20C language_indicator 20D sar_total_segments 20E
sar_segment_seqnum 20F sc_interface_version 210 callback_num_pres_ind 302 callback_num_atag 303
number_of_messages 304 callback_num 381 dpf_result 420 set_dpf 421 ms_availability_status 422
network_error_code 423 message_payload 424 delivery_failure_reason 425 more_messages_to_send 426
message_state 427 ussd_service_op 501 display_time 1201 sms_signal 1203 ms_validity 1204
alert_on_message_delivery 130C its_reply_type 1380 its_session_info 1383
""")

# SMPP 3.4 section 5.2.28.
STATES_3_4 = (
    "ENROUTE",
    "DELIVERED",
    "EXPIRED",
    "DELETED",
    "UNDELIVERABLE",
    "ACCEPTED",
    "UNKNOWN",
    "REJECTED",
)


def test_command_ids_are_those_of_the_specification() -> None:
    ours = {name: id_ for id_, name in c.COMMAND_NAMES.items() if "broadcast" not in name}
    assert ours == COMMANDS_3_4
    assert all(getattr(c, name.upper()) == id_ for name, id_ in COMMANDS_3_4.items())


def test_statuses_are_those_of_the_specification() -> None:
    theirs = {f"ESME_R{name}": value for name, value in STATUSES_3_4.items()}
    assert {name: value for value, name in c.STATUS_NAMES.items() if value < 0x100} == theirs
    assert all(getattr(c, name) == value for name, value in theirs.items())


def test_tags_are_those_of_the_specification() -> None:
    of_5_0 = {"congestion_state"} | {name for tag, name in c.TAG_NAMES.items() if 0x600 <= tag < 0x700}
    assert {name: tag for tag, name in c.TAG_NAMES.items() if name not in of_5_0} == TAGS_3_4


def test_message_states_are_those_of_the_specification() -> None:
    assert tuple(c.message_state_name(state) for state in range(1, 9)) == STATES_3_4
    assert [getattr(c, name) for name in STATES_3_4] == list(range(1, 9))
    assert (c.message_state_name(0), c.message_state_name(9)) == ("SCHEDULED", "SKIPPED")


def test_names_for_people() -> None:
    assert c.command_name(c.SUBMIT_SM) == "submit_sm"
    assert c.command_name(0x111) == "broadcast_sm"
    assert c.status_name(0x58) == "ESME_RTHROTTLED"
    assert c.tag_name(0x0424) == "message_payload"


def test_what_has_no_name_is_shown_in_hex() -> None:
    assert c.command_name(0x99) == "0x00000099"
    assert c.status_name(0x401) == "0x00000401"
    assert c.tag_name(0x1400) == "0x1400"
    assert c.message_state_name(77) == "0x4D"


def test_esm_class_types_lie_within_their_mask() -> None:
    types = (
        c.MSGTYPE_DELIVERY_RECEIPT,
        c.MSGTYPE_DELIVERYACK,
        c.MSGTYPE_USERACK,
        c.MSGTYPE_CONVERSATION_ABORT,
        c.MSGTYPE_INTERMEDIATE_NOTIFICATION,
    )
    assert types == (0x04, 0x08, 0x10, 0x18, 0x20)
    assert all(type_ & c.MSGTYPE_BITMASK == type_ for type_ in types)


def test_a_response_is_its_request_with_the_response_bit() -> None:
    for id_, name in c.COMMAND_NAMES.items():
        if name.endswith("_resp"):
            assert c.command_name(id_ & ~c.RESPONSE_BIT) == name.removesuffix("_resp")
