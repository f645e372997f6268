"""What the device's own engine has to say."""

MESSAGES = {
    "error.sync_stopped": "这台设备的同步已停止",
    "error.sync_stopped.todo": "打开同步面板查看原因；未发送的改动都还在。",
    "error.sync_failed": "同步没有完成",
    "error.sync_failed.todo": "数据没有丢，稍后会自动再试。详情在本机的错误记录里。",
    "error.already_sent": "这项改动已经发出，等待服务器答复",
    "error.already_sent.todo": "请先同步，再看结果。",
    "error.not_waiting": "这项改动已不在待发列表",
    "error.not_waiting.todo": "请刷新同步面板。",
    "error.outbox_not_exported": "还有 {count} 项未发送的改动没有导出",
    "error.outbox_not_exported.todo": "请先导出，再重新开始。",
    "error.export_damaged": "导出文件里有一项改动与校验值不符",
    "error.export_damaged.todo": "请使用未被修改过的文件。",
    "error.transaction_too_large": "这次操作的内容太多：{bytes} 字节，上限 {limit} 字节",
    "error.transaction_too_large.todo": "请分成几次操作。",
}
