using Tabular.ModelCache.Sources.HuggingFace;

namespace Tabular.ModelCache.Tests.Sources.HuggingFace;

public sealed class HubSelectionTests
{
    private const string Transformer = "sentence_transformers.models.Transformer";
    private const string Pooling = "sentence_transformers.models.Pooling";
    private const string Dense = "sentence_transformers.models.Dense";
    private const string Normalize = "sentence_transformers.models.Normalize";

    private static readonly HubModule[] Usual = [new("", Transformer), new("1_Pooling", Pooling), new("2_Normalize", Normalize)];

    [Fact]
    public void Choose_BgeM3_TakesTheElevenFilesOfASentenceTransformer()
    {
        var chosen = Selection(HubTrees.BgeM3).Choose(HubModule.Parse("BAAI/bge-m3", System.Text.Encoding.UTF8.GetBytes(HubTrees.BgeM3Modules)));

        chosen.Select(f => f.Path).Should().BeEquivalentTo(
            "1_Pooling/config.json", "README.md", "config.json", "config_sentence_transformers.json", "modules.json", "pytorch_model.bin",
            "sentence_bert_config.json", "sentencepiece.bpe.model", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json");
        chosen.Sum(f => f.Size).Should().Be(2_293_331_623);
    }

    [Fact]
    public void Choose_ManyEngines_TakesOneSetOfWeights() => Choose(
        """
        .gitattributes
        1_Pooling/config.json
        LICENSE
        README.md
        config.json
        config_sentence_transformers.json
        data_config.json
        flax_model.msgpack
        model.fp16.safetensors
        model.safetensors
        modules.json
        onnx/config.json
        onnx/model.onnx
        onnx/model_qint8_avx512.onnx
        openvino/openvino_model.bin
        openvino/openvino_model.xml
        pytorch_model.bin
        rust_model.ot
        sentence_bert_config.json
        special_tokens_map.json
        tf_model.h5
        tokenizer.json
        train_script.py
        vocab.txt
        """,
        Usual).Should().BeEquivalentTo(
            "1_Pooling/config.json", "LICENSE", "README.md", "config.json", "config_sentence_transformers.json", "data_config.json",
            "model.safetensors", "modules.json", "sentence_bert_config.json", "special_tokens_map.json", "tokenizer.json", "vocab.txt");

    [Fact]
    public void Choose_ModuleWithWeightsOfItsOwn_ChoosesThemInEachFolder() => Choose(
        """
        1_Pooling/config.json
        2_Dense/config.json
        2_Dense/model.safetensors
        2_Dense/pytorch_model.bin
        3_Dense/config.json
        3_Dense/pytorch_model.bin
        4_Unlisted/pytorch_model.bin
        4_Unlisted/config.json
        config.json
        model.safetensors
        modules.json
        """,
        new("", Transformer), new("1_Pooling", Pooling), new("2_Dense", Dense), new("3_Dense", Dense)).Should().BeEquivalentTo(
            "1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors", "3_Dense/config.json", "3_Dense/pytorch_model.bin",
            "config.json", "model.safetensors", "modules.json");

    [Fact]
    public void Choose_OldRepository_TakesTheWeightsOfTheFolderNotOfTheRoot() => Choose(
        """
        0_Transformer/config.json
        0_Transformer/onnx/config.json
        0_Transformer/onnx/model.onnx
        0_Transformer/pytorch_model.bin
        0_Transformer/sentencepiece.bpe.model
        0_Transformer/tf_model.h5
        0_Transformer/vocab.txt
        1_Pooling/config.json
        config.json
        modules.json
        pytorch_model.bin
        """,
        new("0_Transformer", Transformer), new("1_Pooling", Pooling)).Should().BeEquivalentTo(
            "0_Transformer/config.json", "0_Transformer/pytorch_model.bin", "0_Transformer/sentencepiece.bpe.model", "0_Transformer/vocab.txt",
            "1_Pooling/config.json", "config.json", "modules.json");

    [Fact]
    public void Choose_Shards_TakesThemWithTheirIndexAlone() => Choose(
        """
        1_Pooling/config.json
        chat_template.jinja
        merges.txt
        model-00001-of-00002.safetensors
        model-00002-of-00002.safetensors
        model.safetensors.index.json
        model.safetensors.index.fp16.json
        modules.json
        pytorch_model-00001-of-00002.bin
        pytorch_model-00002-of-00002.bin
        pytorch_model.bin.index.json
        tf_model.h5.index.json
        """,
        Usual).Should().BeEquivalentTo(
            "1_Pooling/config.json", "chat_template.jinja", "merges.txt", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
            "model.safetensors.index.json", "modules.json");

    [Theory]
    [InlineData("model-00001-of-00002.safetensors model.safetensors.index.json pytorch_model.bin", "pytorch_model.bin")]
    [InlineData("model-00001-of-00001.safetensors pytorch_model.bin", "pytorch_model.bin")]
    [InlineData("model.safetensors model-00001-of-00001.safetensors model.safetensors.index.json", "model.safetensors")]
    [InlineData("pytorch_model-00001-of-00001.bin pytorch_model.bin.index.json model.fp16.safetensors", "pytorch_model-00001-of-00001.bin pytorch_model.bin.index.json")]
    public void Choose_Weights_TakesTheFirstCompleteForm(string weights, string expected) =>
        Choose("modules.json\n1_Pooling/config.json\n" + weights.Replace(' ', '\n'), Usual).Should().BeEquivalentTo(
            [.. expected.Split(' '), "modules.json", "1_Pooling/config.json"]);

    [Fact]
    public void Choose_StaticEmbeddingAtADot_HasNoPooling()
    {
        var modules = HubModule.Parse("org/name", """[{"idx":0,"name":"0","path":".","type":"sentence_transformers.models.StaticEmbedding"}]"""u8);

        Choose("modules.json\nmodel.safetensors\ntokenizer.json", [.. modules])
            .Should().BeEquivalentTo("modules.json", "model.safetensors", "tokenizer.json");
    }

    [Theory]
    [InlineData("modules.json 1_Pooling/config.json config.json", "has no weights where modules.json wants them*ModelCache:Models:0:AllowPatterns*")]
    [InlineData("modules.json 1_Pooling/config.json model.onnx model.fp16.safetensors", "has no weights*")]
    [InlineData("modules.json 1_Pooling/config.json model-00001-of-00002.safetensors model.safetensors.index.json", "has no weights*")]
    [InlineData("modules.json 1_Pooling/config.json 1_Pooling/model.safetensors", "no weights for its module*Transformer' in the folder '/'*")]
    [InlineData("modules.json model.safetensors", "module of the type*Pooling' without '1_Pooling/config.json'*mean pooling*")]
    public void Choose_RepositoryThatWouldNotBeRead_IsRefused(string files, string problem)
    {
        var choose = () => Choose(files.Replace(' ', '\n'), Usual);

        choose.Should().Throw<ModelCacheException>().WithMessage($"The Hugging Face repository 'org/name' *{problem}");
    }

    [Fact]
    public void Choose_ModuleThatIsCodeOfTheRepository_IsRefused()
    {
        var choose = () => Choose("modules.json\ncustom_st.py\nmodel.safetensors", new HubModule("", "custom_st.Transformer"));

        choose.Should().Throw<ModelCacheException>().WithMessage("*'custom_st.py'*ModelCache:Models:0:AllowPatterns*");
    }

    [Fact]
    public void FindModulesFile_Missing_SaysWhatReadersWouldDo()
    {
        var find = () => Selection("config.json\nmodel.safetensors").FindModulesFile();

        find.Should().Throw<ModelCacheException>().WithMessage("*'org/name' is not a sentence-transformers repository*mean pooling*AllowPatterns*");
    }

    [Fact]
    public void Choose_AllowPatterns_ReplaceTheDefaultChoice()
    {
        var chosen = Selection(HubTrees.BgeM3, allow: ["*.json", "onnx/"], ignore: ["*/tokenizer.json"]).Choose(Usual).Select(f => f.Path);

        chosen.Should().BeEquivalentTo(
            "1_Pooling/config.json", "config.json", "config_sentence_transformers.json", "modules.json", "onnx/Constant_7_attr__value",
            "onnx/config.json", "onnx/model.onnx", "onnx/model.onnx_data", "onnx/sentencepiece.bpe.model", "onnx/special_tokens_map.json",
            "onnx/tokenizer_config.json", "sentence_bert_config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json");
    }

    [Fact]
    public void Choose_IgnorePatternsAlone_NarrowTheDefaultChoice()
    {
        var files = "modules.json\n1_Pooling/config.json\nmodel.safetensors\npytorch_model.bin\nREADME.md\nbig.json";

        Selection(files, ignore: ["README.md", "big*"]).Choose(Usual).Select(f => f.Path)
            .Should().BeEquivalentTo("modules.json", "1_Pooling/config.json", "model.safetensors");
        Selection(files, ignore: ["*.safetensors"]).Choose(Usual).Select(f => f.Path)
            .Should().BeEquivalentTo("modules.json", "1_Pooling/config.json", "pytorch_model.bin", "README.md", "big.json");
    }

    [Theory]
    [InlineData("*.bin", null, "'modules.json'*add it to ModelCache:Models:0:AllowPatterns*")]
    [InlineData("m*", null, "'1_Pooling/config.json'*add it to ModelCache:Models:0:AllowPatterns*")]
    [InlineData(null, "*.json", "'modules.json'*take it out of ModelCache:Models:0:IgnorePatterns*")]
    [InlineData("*", "1_Pooling/", "'1_Pooling/config.json'*take it out of ModelCache:Models:0:IgnorePatterns*")]
    public void Choose_PatternsWithoutWhatReadersNeed_AreRefused(string? allow, string? ignore, string problem)
    {
        var selection = Selection(
            "modules.json\n1_Pooling/config.json\nmodel.safetensors\npytorch_model.bin", allow is null ? [] : [allow], ignore is null ? [] : [ignore]);

        var choose = () => selection.Choose(Usual);

        choose.Should().Throw<ModelCacheException>().WithMessage($"*{problem}");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("""[{"path":"x"}]""")]
    [InlineData("""[{"path":null,"type":"t"}]""")]
    [InlineData("""[{"path":"a","path":"b","type":"t"}]""")]
    [InlineData("<html>")]
    public void ParseModules_AnythingElse_IsRefused(string json)
    {
        var parse = () => HubModule.Parse("org/name", System.Text.Encoding.UTF8.GetBytes(json));

        parse.Should().Throw<ModelCacheException>().WithMessage("*modules.json*'org/name'*");
    }

    private static IEnumerable<string> Choose(string files, params HubModule[] modules) => Selection(files).Choose(modules).Select(f => f.Path);

    private static HubSelection Selection(string files, string[]? allow = null, string[]? ignore = null) =>
        new("org/name", HubTrees.Parse(files), new HubPatterns(allow ?? [], ignore ?? []), "ModelCache:Models:0");
}
