# The numbers of SMPP. smpplib knows most of them: they are taken from it by name, not typed again, so that
# the two can't drift apart; each was compared with SMPP 3.4 chapter 5 and the test repeats the comparison.
# What smpplib lacks is typed here with its section. Plain integers, because they meet the wire in every PDU;
# names for people come from the functions at the end.
"""Command ids, statuses, tags and field values of SMPP 3.4, and the 5.0 ones that are met in the field."""

from smpplib import command_codes, consts

_commands: dict[str, int] = command_codes.commands
_tags: dict[str, int] = consts.OPTIONAL_PARAMS

# command_status (SMPP 3.4 section 5.1.3).
ESME_ROK = consts.SMPP_ESME_ROK
ESME_RINVMSGLEN = consts.SMPP_ESME_RINVMSGLEN
ESME_RINVCMDLEN = consts.SMPP_ESME_RINVCMDLEN
ESME_RINVCMDID = consts.SMPP_ESME_RINVCMDID
ESME_RINVBNDSTS = consts.SMPP_ESME_RINVBNDSTS
ESME_RALYBND = consts.SMPP_ESME_RALYBND
ESME_RINVPRTFLG = consts.SMPP_ESME_RINVPRTFLG
ESME_RINVREGDLVFLG = consts.SMPP_ESME_RINVREGDLVFLG
ESME_RSYSERR = consts.SMPP_ESME_RSYSERR
ESME_RINVSRCADR = consts.SMPP_ESME_RINVSRCADR
ESME_RINVDSTADR = consts.SMPP_ESME_RINVDSTADR
ESME_RINVMSGID = consts.SMPP_ESME_RINVMSGID
ESME_RBINDFAIL = consts.SMPP_ESME_RBINDFAIL
ESME_RINVPASWD = consts.SMPP_ESME_RINVPASWD
ESME_RINVSYSID = consts.SMPP_ESME_RINVSYSID
ESME_RCANCELFAIL = consts.SMPP_ESME_RCANCELFAIL
ESME_RREPLACEFAIL = consts.SMPP_ESME_RREPLACEFAIL
ESME_RMSGQFUL = consts.SMPP_ESME_RMSGQFUL
ESME_RINVSERTYP = consts.SMPP_ESME_RINVSERTYP
ESME_RINVNUMDESTS = consts.SMPP_ESME_RINVNUMDESTS
ESME_RINVDLNAME = consts.SMPP_ESME_RINVDLNAME
ESME_RINVDESTFLAG = consts.SMPP_ESME_RINVDESTFLAG
ESME_RINVSUBREP = consts.SMPP_ESME_RINVSUBREP
ESME_RINVESMCLASS = consts.SMPP_ESME_RINVESMCLASS
ESME_RCNTSUBDL = consts.SMPP_ESME_RCNTSUBDL
ESME_RSUBMITFAIL = consts.SMPP_ESME_RSUBMITFAIL
ESME_RINVSRCTON = consts.SMPP_ESME_RINVSRCTON
ESME_RINVSRCNPI = consts.SMPP_ESME_RINVSRCNPI
ESME_RINVDSTTON = consts.SMPP_ESME_RINVDSTTON
ESME_RINVDSTNPI = consts.SMPP_ESME_RINVDSTNPI
ESME_RINVSYSTYP = consts.SMPP_ESME_RINVSYSTYP
ESME_RINVREPFLAG = consts.SMPP_ESME_RINVREPFLAG
ESME_RINVNUMMSGS = consts.SMPP_ESME_RINVNUMMSGS
ESME_RTHROTTLED = consts.SMPP_ESME_RTHROTTLED
ESME_RINVSCHED = consts.SMPP_ESME_RINVSCHED
ESME_RINVEXPIRY = consts.SMPP_ESME_RINVEXPIRY
ESME_RINVDFTMSGID = consts.SMPP_ESME_RINVDFTMSGID
ESME_RX_T_APPN = consts.SMPP_ESME_RX_T_APPN
ESME_RX_P_APPN = consts.SMPP_ESME_RX_P_APPN
ESME_RX_R_APPN = consts.SMPP_ESME_RX_R_APPN
ESME_RQUERYFAIL = consts.SMPP_ESME_RQUERYFAIL
ESME_RINVOPTPARSTREAM = consts.SMPP_ESME_RINVOPTPARSTREAM
ESME_ROPTPARNOTALLWD = consts.SMPP_ESME_ROPTPARNOTALLWD
ESME_RINVPARLEN = consts.SMPP_ESME_RINVPARLEN
ESME_RMISSINGOPTPARAM = consts.SMPP_ESME_RMISSINGOPTPARAM
ESME_RINVOPTPARAMVAL = consts.SMPP_ESME_RINVOPTPARAMVAL
ESME_RDELIVERYFAILURE = consts.SMPP_ESME_RDELIVERYFAILURE
ESME_RUNKNOWNERR = consts.SMPP_ESME_RUNKNOWNERR

# command_status of SMPP 5.0 (section 4.7.6, table 4-45): MCs that speak 5.0 send them to 3.4 peers too.
ESME_RSERTYPUNAUTH = 0x100
ESME_RPROHIBITED = 0x101
ESME_RSERTYPUNAVAIL = 0x102
ESME_RSERTYPDENIED = 0x103
ESME_RINVDCS = 0x104
ESME_RINVSRCADDRSUBUNIT = 0x105
ESME_RINVDSTADDRSUBUNIT = 0x106
ESME_RINVBCASTFREQINT = 0x107
ESME_RINVBCASTALIAS_NAME = 0x108
ESME_RINVBCASTAREAFMT = 0x109
ESME_RINVNUMBCAST_AREAS = 0x10A
ESME_RINVBCASTCNTTYPE = 0x10B
ESME_RINVBCASTMSGCLASS = 0x10C
ESME_RBCASTFAIL = 0x10D
ESME_RBCASTQUERYFAIL = 0x10E
ESME_RBCASTCANCELFAIL = 0x10F
ESME_RINVBCAST_REP = 0x110
ESME_RINVBCASTSRVGRP = 0x111
ESME_RINVBCASTCHANIND = 0x112

# The statuses that each MC vendor defines for itself (SMPP 3.4 section 5.1.3): relayed as they came.
ESME_VENDOR_FIRST = 0x400
ESME_VENDOR_LAST = 0x4FF

# command_id (SMPP 3.4 section 5.1.2.1). Bit 31 set makes the response of the request with the same low bits.
RESPONSE_BIT = 0x80000000
GENERIC_NACK = _commands["generic_nack"]
BIND_RECEIVER = _commands["bind_receiver"]
BIND_RECEIVER_RESP = _commands["bind_receiver_resp"]
BIND_TRANSMITTER = _commands["bind_transmitter"]
BIND_TRANSMITTER_RESP = _commands["bind_transmitter_resp"]
QUERY_SM = _commands["query_sm"]
QUERY_SM_RESP = _commands["query_sm_resp"]
SUBMIT_SM = _commands["submit_sm"]
SUBMIT_SM_RESP = _commands["submit_sm_resp"]
DELIVER_SM = _commands["deliver_sm"]
DELIVER_SM_RESP = _commands["deliver_sm_resp"]
UNBIND = _commands["unbind"]
UNBIND_RESP = _commands["unbind_resp"]
REPLACE_SM = _commands["replace_sm"]
REPLACE_SM_RESP = _commands["replace_sm_resp"]
CANCEL_SM = _commands["cancel_sm"]
CANCEL_SM_RESP = _commands["cancel_sm_resp"]
BIND_TRANSCEIVER = _commands["bind_transceiver"]
BIND_TRANSCEIVER_RESP = _commands["bind_transceiver_resp"]
OUTBIND = _commands["outbind"]
ENQUIRE_LINK = _commands["enquire_link"]
ENQUIRE_LINK_RESP = _commands["enquire_link_resp"]
SUBMIT_MULTI = _commands["submit_multi"]
SUBMIT_MULTI_RESP = _commands["submit_multi_resp"]
ALERT_NOTIFICATION = _commands["alert_notification"]
DATA_SM = _commands["data_sm"]
DATA_SM_RESP = _commands["data_sm_resp"]

# command_id of SMPP 5.0 (section 4.7.5): named in logs, decoded to UnknownPdu.
BROADCAST_SM = 0x111
BROADCAST_SM_RESP = 0x80000111
QUERY_BROADCAST_SM = 0x112
QUERY_BROADCAST_SM_RESP = 0x80000112
CANCEL_BROADCAST_SM = 0x113
CANCEL_BROADCAST_SM_RESP = 0x80000113

# Optional parameter tags (SMPP 3.4 section 5.3.2).
TAG_DEST_ADDR_SUBUNIT = _tags["dest_addr_subunit"]
TAG_DEST_NETWORK_TYPE = _tags["dest_network_type"]
TAG_DEST_BEARER_TYPE = _tags["dest_bearer_type"]
TAG_DEST_TELEMATICS_ID = _tags["dest_telematics_id"]
TAG_SOURCE_ADDR_SUBUNIT = _tags["source_addr_subunit"]
TAG_SOURCE_NETWORK_TYPE = _tags["source_network_type"]
TAG_SOURCE_BEARER_TYPE = _tags["source_bearer_type"]
TAG_SOURCE_TELEMATICS_ID = _tags["source_telematics_id"]
TAG_QOS_TIME_TO_LIVE = _tags["qos_time_to_live"]
TAG_PAYLOAD_TYPE = _tags["payload_type"]
TAG_ADDITIONAL_STATUS_INFO_TEXT = _tags["additional_status_info_text"]
TAG_RECEIPTED_MESSAGE_ID = _tags["receipted_message_id"]
TAG_MS_MSG_WAIT_FACILITIES = _tags["ms_msg_wait_facilities"]
TAG_PRIVACY_INDICATOR = _tags["privacy_indicator"]
TAG_SOURCE_SUBADDRESS = _tags["source_subaddress"]
TAG_DEST_SUBADDRESS = _tags["dest_subaddress"]
TAG_USER_MESSAGE_REFERENCE = _tags["user_message_reference"]
TAG_USER_RESPONSE_CODE = _tags["user_response_code"]
TAG_SOURCE_PORT = _tags["source_port"]
TAG_DESTINATION_PORT = _tags["destination_port"]
TAG_SAR_MSG_REF_NUM = _tags["sar_msg_ref_num"]
TAG_LANGUAGE_INDICATOR = _tags["language_indicator"]
TAG_SAR_TOTAL_SEGMENTS = _tags["sar_total_segments"]
TAG_SAR_SEGMENT_SEQNUM = _tags["sar_segment_seqnum"]
TAG_SC_INTERFACE_VERSION = _tags["sc_interface_version"]
TAG_CALLBACK_NUM_PRES_IND = _tags["callback_num_pres_ind"]
TAG_CALLBACK_NUM_ATAG = _tags["callback_num_atag"]
TAG_NUMBER_OF_MESSAGES = _tags["number_of_messages"]
TAG_CALLBACK_NUM = _tags["callback_num"]
TAG_DPF_RESULT = _tags["dpf_result"]
TAG_SET_DPF = _tags["set_dpf"]
TAG_MS_AVAILABILITY_STATUS = _tags["ms_availability_status"]
TAG_NETWORK_ERROR_CODE = _tags["network_error_code"]
TAG_MESSAGE_PAYLOAD = _tags["message_payload"]
TAG_DELIVERY_FAILURE_REASON = _tags["delivery_failure_reason"]
TAG_MORE_MESSAGES_TO_SEND = _tags["more_messages_to_send"]
TAG_MESSAGE_STATE = _tags["message_state"]
TAG_USSD_SERVICE_OP = _tags["ussd_service_op"]
TAG_DISPLAY_TIME = _tags["display_time"]
TAG_SMS_SIGNAL = _tags["sms_signal"]
TAG_MS_VALIDITY = _tags["ms_validity"]
TAG_ALERT_ON_MESSAGE_DELIVERY = _tags["alert_on_message_delivery"]
TAG_ITS_REPLY_TYPE = _tags["its_reply_type"]
TAG_ITS_SESSION_INFO = _tags["its_session_info"]

# Optional parameter tags of SMPP 5.0 (section 4.8.1, table 4-60) that come with messages, not broadcasts.
TAG_CONGESTION_STATE = 0x0428
TAG_BILLING_IDENTIFICATION = 0x060B
TAG_SOURCE_NETWORK_ID = 0x060D
TAG_DEST_NETWORK_ID = 0x060E
TAG_SOURCE_NODE_ID = 0x060F
TAG_DEST_NODE_ID = 0x0610
TAG_DEST_ADDR_NP_RESOLUTION = 0x0611
TAG_DEST_ADDR_NP_INFORMATION = 0x0612
TAG_DEST_ADDR_NP_COUNTRY = 0x0613

# message_state (SMPP 3.4 section 5.2.28); SCHEDULED and SKIPPED are SMPP 5.0 section 4.7.15.
SCHEDULED = 0
ENROUTE = consts.SMPP_MESSAGE_STATE_ENROUTE
DELIVERED = consts.SMPP_MESSAGE_STATE_DELIVERED
EXPIRED = consts.SMPP_MESSAGE_STATE_EXPIRED
DELETED = consts.SMPP_MESSAGE_STATE_DELETED
UNDELIVERABLE = consts.SMPP_MESSAGE_STATE_UNDELIVERABLE
ACCEPTED = consts.SMPP_MESSAGE_STATE_ACCEPTED
UNKNOWN = consts.SMPP_MESSAGE_STATE_UNKNOWN
REJECTED = consts.SMPP_MESSAGE_STATE_REJECTED
SKIPPED = 9

# esm_class (SMPP 3.4 section 5.2.12): bits 1-0 are the mode, bits 5-2 the type, bits 7-6 GSM features.
MSGMODE_BITMASK = 0x03
MSGMODE_DEFAULT = consts.SMPP_MSGMODE_DEFAULT
MSGMODE_DATAGRAM = consts.SMPP_MSGMODE_DATAGRAM
MSGMODE_FORWARD = consts.SMPP_MSGMODE_FORWARD
MSGMODE_STOREFORWARD = consts.SMPP_MSGMODE_STOREFORWARD
MSGTYPE_BITMASK = 0x3C
MSGTYPE_DEFAULT = consts.SMPP_MSGTYPE_DEFAULT
MSGTYPE_DELIVERYACK = consts.SMPP_MSGTYPE_DELIVERYACK
MSGTYPE_USERACK = consts.SMPP_MSGTYPE_USERACK
# smpplib lacks the three message types that only an MC or a conversation sets.
MSGTYPE_DELIVERY_RECEIPT = 0x04
MSGTYPE_CONVERSATION_ABORT = 0x18
MSGTYPE_INTERMEDIATE_NOTIFICATION = 0x20
GSMFEAT_NONE = consts.SMPP_GSMFEAT_NONE
GSMFEAT_UDHI = consts.SMPP_GSMFEAT_UDHI
GSMFEAT_REPLYPATH = consts.SMPP_GSMFEAT_REPLYPATH
GSMFEAT_UDHIREPLYPATH = consts.SMPP_GSMFEAT_UDHIREPLYPATH

# registered_delivery (SMPP 3.4 section 5.2.17): bits 1-0, bits 3-2, bit 4.
SMSC_DELIVERY_RECEIPT_NONE = consts.SMPP_SMSC_DELIVERY_RECEIPT_NONE
SMSC_DELIVERY_RECEIPT_BOTH = consts.SMPP_SMSC_DELIVERY_RECEIPT_BOTH
SMSC_DELIVERY_RECEIPT_FAILURE = consts.SMPP_SMSC_DELIVERY_RECEIPT_FAILURE
SMSC_DELIVERY_RECEIPT_BITMASK = consts.SMPP_SMSC_DELIVERY_RECEIPT_BITMASK
# SMPP 3.4 reserves 3; SMPP 5.0 section 4.7.21 gives it this meaning.
SMSC_DELIVERY_RECEIPT_SUCCESS = 0x03
SME_ACK_BITMASK = consts.SMPP_SME_ACK_BITMASK
SME_ACK_NONE = consts.SMPP_SME_ACK_NONE
SME_ACK_DELIVERY = consts.SMPP_SME_ACK_DELIVERY
SME_ACK_MANUAL = consts.SMPP_SME_ACK_MANUAL
SME_ACK_BOTH = consts.SMPP_SME_ACK_BOTH
INT_NOTIFICATION_BITMASK = consts.SMPP_INT_NOTIFICATION_BITMASK
INT_NOTIFICATION_NONE = consts.SMPP_INT_NOTIFICATION_NONE
INT_NOTIFICATION_REQUESTED = consts.SMPP_INT_NOTIFICATION_REQUESTED

# addr_ton (SMPP 3.4 section 5.2.5) and addr_npi (section 5.2.6).
TON_UNK = consts.SMPP_TON_UNK
TON_INTL = consts.SMPP_TON_INTL
TON_NATNL = consts.SMPP_TON_NATNL
TON_NWSPEC = consts.SMPP_TON_NWSPEC
TON_SBSCR = consts.SMPP_TON_SBSCR
TON_ALNUM = consts.SMPP_TON_ALNUM
TON_ABBREV = consts.SMPP_TON_ABBREV
NPI_UNK = consts.SMPP_NPI_UNK
NPI_ISDN = consts.SMPP_NPI_ISDN
NPI_DATA = consts.SMPP_NPI_DATA
NPI_TELEX = consts.SMPP_NPI_TELEX
NPI_LNDMBL = consts.SMPP_NPI_LNDMBL
NPI_NATNL = consts.SMPP_NPI_NATNL
NPI_PRVT = consts.SMPP_NPI_PRVT
NPI_ERMES = consts.SMPP_NPI_ERMES
NPI_IP = consts.SMPP_NPI_IP
NPI_WAP = consts.SMPP_NPI_WAP

# data_coding (SMPP 3.4 section 5.2.19) and protocol_id (section 5.2.13).
ENCODING_DEFAULT = consts.SMPP_ENCODING_DEFAULT
ENCODING_IA5 = consts.SMPP_ENCODING_IA5
ENCODING_BINARY = consts.SMPP_ENCODING_BINARY
ENCODING_ISO88591 = consts.SMPP_ENCODING_ISO88591
ENCODING_BINARY2 = consts.SMPP_ENCODING_BINARY2
ENCODING_JIS = consts.SMPP_ENCODING_JIS
ENCODING_ISO88595 = consts.SMPP_ENCODING_ISO88595
ENCODING_ISO88598 = consts.SMPP_ENCODING_ISO88598
ENCODING_ISO10646 = consts.SMPP_ENCODING_ISO10646
ENCODING_PICTOGRAM = consts.SMPP_ENCODING_PICTOGRAM
ENCODING_ISO2022JP = consts.SMPP_ENCODING_ISO2022JP
ENCODING_EXTJIS = consts.SMPP_ENCODING_EXTJIS
ENCODING_KSC5601 = consts.SMPP_ENCODING_KSC5601
PID_DEFAULT = consts.SMPP_PID_DEFAULT
PID_RIP = consts.SMPP_PID_RIP

# interface_version (SMPP 3.4 section 5.2.4); 5.0 is SMPP 5.0 section 4.7.13.
VERSION_33 = consts.SMPP_VERSION_33
VERSION_34 = consts.SMPP_VERSION_34
VERSION_50 = 0x50

# sequence_number (SMPP 3.4 section 5.1.4): ours go from 1 to the maximum and around; any comes from peers.
SEQUENCE_NUMBER_MIN = 1
SEQUENCE_NUMBER_MAX = 0x7FFFFFFF

# submit_multi destinations (SMPP 3.4 section 5.2.25).
DEST_FLAG_SME = 1
DEST_FLAG_DISTRIBUTION_LIST = 2


_values = dict(globals())
_command_words = (
    "BIND_",
    "UNBIND",
    "OUTBIND",
    "ENQUIRE_",
    "GENERIC_",
    "ALERT_",
    "SUBMIT_",
    "DELIVER_",
    "DATA_SM",
)
_command_words += ("QUERY_", "CANCEL_", "REPLACE_", "BROADCAST_")
COMMAND_NAMES: dict[int, str] = {v: k.lower() for k, v in _values.items() if k.startswith(_command_words)}
STATUS_NAMES: dict[int, str] = {v: k for k, v in _values.items() if k.startswith("ESME_R")}
STATUS_CODES: dict[str, int] = {name: code for code, name in STATUS_NAMES.items()}
TAG_NAMES: dict[int, str] = {v: k[4:].lower() for k, v in _values.items() if k.startswith("TAG_")}
MESSAGE_STATE_NAMES: dict[int, str] = {
    SCHEDULED: "SCHEDULED",
    ENROUTE: "ENROUTE",
    DELIVERED: "DELIVERED",
    EXPIRED: "EXPIRED",
    DELETED: "DELETED",
    UNDELIVERABLE: "UNDELIVERABLE",
    ACCEPTED: "ACCEPTED",
    UNKNOWN: "UNKNOWN",
    REJECTED: "REJECTED",
    SKIPPED: "SKIPPED",
}


def command_name(command_id: int) -> str:
    """The specification's name of a command_id, as `submit_sm`; hex if it has none."""
    return COMMAND_NAMES.get(command_id) or f"0x{command_id:08X}"


def status_name(command_status: int) -> str:
    """The specification's name of a command_status, as `ESME_RTHROTTLED`; hex if it has none."""
    return STATUS_NAMES.get(command_status) or f"0x{command_status:08X}"


def tag_name(tag: int) -> str:
    """The specification's name of an optional parameter, as `message_payload`; hex if it has none."""
    return TAG_NAMES.get(tag) or f"0x{tag:04X}"


def message_state_name(message_state: int) -> str:
    """The specification's name of a message_state, as `DELIVERED`; hex if it has none."""
    return MESSAGE_STATE_NAMES.get(message_state) or f"0x{message_state:02X}"
