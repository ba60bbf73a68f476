"""What is told in place of a page, and on the pages before the first, Japanese first, then English."""

from collections.abc import Mapping

NOTICES: Mapping[str, tuple[str, str]] = {
    "e_link_title": ("リンクが必要です", "You need a link"),
    "e_link_text": (
        "この画面には、一度だけ使えるリンクから入ります。端末で次を実行し、表示されたリンクを開いてください。",
        "You enter by a link that works once. Run this in a terminal and open the link it prints.",
    ),
    "e_link_used": (
        "このリンクは使用済みか、期限が切れています。新しいリンクを取得してください。",
        "This link was used or has expired. Get a new one.",
    ),
    "front_title": ("足跡", "Ashiato"),
    "front_text": (
        "会社の業務手順を、一歩ずつ確かな記録に残します。",
        "A company's procedures, carried out step by step, every step on record.",
    ),
    "front_console": ("画面を開く", "Open the console"),
    "front_docs": ("APIの説明", "The API's reference"),
    "entered_title": ("入りました", "You are in"),
    "entered_text": ("まもなく画面が開きます。", "The first page opens in a moment."),
    "go_on": ("開く", "Go on"),
    "e_404_title": ("見つかりません", "Not found"),
    "e_404_text": ("お探しのものはありません。", "There is nothing of that name here."),
    "e_403_title": ("見られません", "Not permitted"),
    "e_403_text": ("この画面を見る権限がありません。", "Your permission does not cover this page."),
    "e_ended_title": ("利用期限が過ぎました", "Your access has ended"),
    "e_ended_text": (
        "監査の期限が過ぎています。続ける場合は、管理者に延長を依頼してください。",
        "The time of your audit is over. An admin can give you more.",
    ),
    "e_503_title": ("いまは見られません", "Not now"),
    "e_503_text": (
        "監査人の閲覧は記録してから表示しますが、いまは記録できません。少し待ってから、もう一度開いてください。",
        "Reads of auditors are put on record first, and that is not possible now. Please try again in a moment.",
    ),
    "e_400_title": ("条件を確かめてください", "Please check what you asked for"),
    "e_400_text": ("{what}を読み取れませんでした。", "This could not be understood: {what}."),
    "e_409_title": ("その時点は表示できません", "This cannot be shown"),
    "e_409_text": (
        "記録の一部を集計できないため、その時点の状態は表示できません。記録は失われていません。運用担当者には通知されています。",
        "A part of what was recorded cannot be counted, so this past cannot be shown. Nothing is lost; operators know.",
    ),
    "e_504_title": ("集計が追いついていません", "Not counted yet"),
    "e_504_text": (
        "その時点までの記録がまだ集計されていません。少し待ってから、もう一度開いてください。",
        "What was recorded until then is not counted yet. Please open the page again in a moment.",
    ),
    "e_future_text": (
        "未来の時点は見られません。過ぎた日時を指定してください。",
        "The future can't be shown. Choose an instant that has passed.",
    ),
}
