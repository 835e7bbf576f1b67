"""Patterns, word lists and sentences written for the voice, and lines of classical Chinese (public domain)."""

ENGLISH_WORDS = {
    "person": "the teacher|my brother|our neighbor|the doctor|his mother|the young man|a woman|the old farmer|her friend|the captain|nobody|somebody|the children|my father|the driver|your sister|the boy|the girl|the writer|the king|we|they|she|he|everyone|the guard|the lady".split("|"),
    "thing": "book|letter|table|window|door|garden|house|river|mountain|car|train|ship|clock|picture|chair|knife|bottle|coat|road|bridge|church|school|market|paper|box|horse|dog|cat|bird|tree|flower|stone|lamp|song|story|question|plan|machine|engine|phone|computer|camera|blanket|basket|hammer|ladder|mirror|pocket|pencil|kitchen".split("|"),
    "quality": "old|new|small|large|red|green|blue|white|black|heavy|broken|quiet|strange|beautiful|cheap|warm|cold|empty|long|short|famous|simple|wooden|golden|clean|dirty|dark|bright|narrow|wide|soft|hard|sharp|dry|wet|young|round|square|silver|yellow".split("|"),
    "past": "found|lost|bought|sold|opened|closed|carried|watched|painted|dropped|moved|needed|wanted|remembered|forgot|followed|noticed|fixed|cleaned|left|took|brought|kept|saw|liked|hid|built|broke|pushed|showed".split("|"),
    "place": "in the city|near the river|behind the house|at the station|on the hill|under the bridge|by the sea|in the kitchen|at school|on the table|in the forest|across the street|beside the lake|at the market|above the door|in the north|on the second floor|between two trees|along the coast|inside the box".split("|"),
    "time": "yesterday|last night|this morning|on Monday|in the summer|before dinner|after school|every day|at noon|a week ago|at midnight|in the evening|next year|twice a year|on Friday afternoon|in September|last winter|at six o'clock|for three hours|long ago".split("|"),
    "how": "slowly|quickly|carefully|quietly|suddenly|again|together|alone|easily|gladly|finally|badly|softly|at once|without a word|with great care".split("|"),
    "number": "two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|a hundred".split("|"),
    "verb": "open|close|find|buy|sell|move|paint|carry|watch|fix|clean|bring|take|keep|see|hide|build|break|push|show|remember|forget|use|change".split("|"),
    "intransitive": "came home|went away|fell asleep|laughed|cried|waited|sang|worked hard|ran fast|walked|stood still|arrived late|disappeared|smiled|stopped|shouted|listened|swam|danced|rested".split("|"),
    "weather": "rain|snow|wind|storm|sun|cloud|thunder|fog|ice|heat".split("|"),
    "food": "bread|butter|cheese|fish|rice|soup|milk|water|tea|coffee|sugar|salt|apples|oranges|chicken|beef|cake|honey|beans|potatoes".split("|"),
}

ENGLISH_PATTERNS = [
    "{person} {past} the {quality} {thing} {place}.",
    "{person} {past} a {quality} {thing} {time}.",
    "{person} {intransitive} {place} {time}.",
    "{time}, {person} {past} the {thing} {how}.",
    "did you {verb} the {quality} {thing} {time}?",
    "please {verb} the {thing} {place}.",
    "the {thing} {place} is {quality} and {quality}.",
    "there are {number} {quality} birds {place}.",
    "can I have some {food} and {food}, please?",
    "we ate {food} with {food} {time}.",
    "the {weather} came {time}, and {person} {intransitive}.",
    "why did {person} {verb} my {thing}?",
    "I think the {thing} is too {quality} for {person}.",
    "{person} {intransitive}, but {person} {intransitive} {how}.",
    "where is the {quality} {thing}?",
    "it takes {number} days to {verb} the {thing}.",
    "do not {verb} that {thing}!",
    "when the {weather} stopped, {person} {past} the {thing}.",
    "{person} said that the {thing} was {quality}.",
    "if you {verb} the {thing}, {person} will know.",
    "{number} of them {intransitive} {how}.",
    "I would like to {verb} a {thing} like this.",
    "{food} is better than {food}.",
    "the {quality} {thing} {past} by {person} was {quality}.",
]

ENGLISH_WRITTEN = [
    "The meeting will begin at ten in the main hall.",
    "Have you seen my keys anywhere this morning?",
    "A thin layer of ice covered the pond near our house.",
    "She speaks three languages and is learning a fourth.",
    "The museum is closed on Mondays during the winter.",
    "He poured the hot soup into a small white bowl.",
    "Nothing is more useful than a good pair of shoes.",
    "They decided to sell the farm and move to town.",
    "Our plane leaves in less than two hours.",
    "The price of bread has gone up again.",
    "I have never been so happy in all my life.",
    "Turn left at the corner and walk past the bank.",
    "The little boy was afraid of the dark.",
    "You should drink more water when the weather is hot.",
    "The lights went out just before the end of the film.",
    "My grandmother told us stories about the war.",
    "Please wait here until the doctor is ready.",
    "The train was full, so we had to stand.",
    "Who wrote the letter that came this afternoon?",
    "The results of the study were quite surprising.",
    "Large ships can pass under the new bridge.",
    "It was raining so hard that we could not see the road.",
    "The cat sleeps on the chair beside the fire.",
    "He lost his job but found a better one.",
    "The first snow of the year fell last night.",
    "Do you want to play chess after dinner?",
    "The company makes parts for cars and trucks.",
    "A loud noise woke the whole family.",
    "We need a bigger table for all these people.",
    "The river is deep and the current is strong.",
    "She closed the book and looked out of the window.",
    "This is the best coffee in the city.",
    "The police asked him a lot of questions.",
    "Many people believe that the old king was a good man.",
    "I forgot to bring my umbrella.",
    "The phone rang while I was in the shower.",
    "There is a small garden behind the church.",
    "They walked along the beach and watched the sun go down.",
    "The students must finish their work by Friday.",
    "Good evening, and welcome to the show.",
]

MANDARIN_PATTERNS = [
    "{r}{v}{n}。",
    "{n}{d}{v}{n}。",
    "{r}{d}{v}了{n}，{d}{v}{n}。",
    "{t}{r}在{ns}{v}{n}。",
    "{a}的{n}{v}了{m}{n}。",
    "{r}的{n}很{a}。",
    "{n}和{n}都{d}{a}。",
    "{ns}的{n}{d}{v}。",
    "{r}{v}{n}吗？",
    "{n}是{a}的{n}，{r}{d}{v}。",
    "{t}，{n}{v}{ns}。",
    "请{v}{n}。",
    "{v}{n}的{n}{d}{v}{a}的{n}。",
    "因为{n}{a}，所以{r}{v}{n}。",
    "{r}把{n}{v}了。",
    "{i}，{r}{d}{v}。",
    "{n}{v}{n}，{n}{v}{n}。",
    "{ns}有{m}{n}和{a}的{n}。",
]

MANDARIN_CLASSICAL = """床前明月光，疑是地上霜。|举头望明月，低头思故乡。|春眠不觉晓，处处闻啼鸟。|夜来风雨声，花落知多少。
白日依山尽，黄河入海流。|欲穷千里目，更上一层楼。|红豆生南国，春来发几枝。|愿君多采撷，此物最相思。
空山不见人，但闻人语响。|返景入深林，复照青苔上。|千山鸟飞绝，万径人踪灭。|孤舟蓑笠翁，独钓寒江雪。
松下问童子，言师采药去。|只在此山中，云深不知处。|离离原上草，一岁一枯荣。|野火烧不尽，春风吹又生。
慈母手中线，游子身上衣。|谁言寸草心，报得三春晖。|锄禾日当午，汗滴禾下土。|谁知盘中餐，粒粒皆辛苦。
人之初，性本善。|性相近，习相远。|学而时习之，不亦说乎。|有朋自远方来，不亦乐乎。|三人行，必有我师焉。
天地玄黄，宇宙洪荒。|日月盈昃，辰宿列张。|寒来暑往，秋收冬藏。|闰余成岁，律吕调阳。|云腾致雨，露结为霜。
道可道，非常道。|名可名，非常名。|上善若水，水善利万物而不争。|千里之行，始于足下。|知人者智，自知者明。
山不在高，有仙则名。|水不在深，有龙则灵。|斯是陋室，惟吾德馨。|先天下之忧而忧，后天下之乐而乐。
明月几时有，把酒问青天。|大江东去，浪淘尽，千古风流人物。|但愿人长久，千里共婵娟。|落霞与孤鹜齐飞，秋水共长天一色。
侍卫之臣不懈于内，忠志之士忘身于外者，盖追先帝之殊遇，欲报之于陛下也。|臣本布衣，躬耕于南阳，苟全性命于乱世，不求闻达于诸侯。
亲贤臣，远小人，此先汉所以兴隆也。|受任于败军之际，奉命于危难之间，尔来二十有一年矣。""".replace("\n", "|").split("|")

MANDARIN_WRITTEN = [
    "先帝创业未半而中道崩殂，今天下三分，益州疲弊，此诚危急存亡之秋也。",
    "今天天气很好，我们一起去公园吧。",
    "请问火车站怎么走？",
    "这本书是我昨天在书店买的。",
    "他每天早上六点起床，然后去跑步。",
    "妈妈做的饺子最好吃。",
    "外面下雨了，别忘了带伞。",
    "这家饭馆的菜又便宜又好吃。",
    "我们明年夏天打算去北京旅游。",
    "孩子们在院子里高兴地唱歌。",
]
