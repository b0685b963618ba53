using System.Text;
using Tabular.ModelCache.Requirements;

namespace Tabular.ModelCache.Tests.Requirements;

public sealed class RequirementsAuditorTests : IDisposable
{
    private readonly RequirementsFolder _folder = new() { Variables = { ["SUFFIX"] = "+cpu" } };

    public static TheoryData<string> Cases => [.. AuditCase.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Audit_Case_HasItsVerdict(string name)
    {
        var found = AuditCase.All[name];
        foreach (var (file, text) in found.Files)
        {
            _folder.Write(file, text);
        }

        var result = _folder.Audit(AuditCase.Main);

        var verdict = string.Join(" ", result.Findings.Select(f =>
            $"{f.Rule.Id}@{(_folder.NameOf(f.At.File) is var file && file == AuditCase.Main ? "" : file + ":")}{f.At.Line}"));
        (verdict.Length == 0 ? "ok" : verdict).Should().Be(found.Verdict, string.Join("\n", result.Findings));
    }

    [Fact]
    public void Cases_EveryRule_IsBrokenByOne()
    {
        AuditCase.All.Values.SelectMany(c => c.Verdict.Split(' ')).Where(v => v != "ok").Select(v => v.Split('@')[0]).Distinct()
            .Should().BeEquivalentTo(AuditRules.All.Select(r => r.Id));
    }

    [Fact]
    public void Audit_JoinedLineWithVariable_FindsThePlaceInTheFile()
    {
        _folder.Variables["INDEX"] = "https://download.pytorch.org/whl";
        _folder.Write("main.txt", "# one\r\n  torch \\\r\n    --index-url x \\\r\n --pre\r\n--pre   --extra-index-url \\\r\n  ${INDEX}/cu121\r\n");

        var findings = _folder.Audit("main.txt").Findings;

        findings.Select(f => (f.Rule.Id, f.At.Line, f.At.Column)).Should().Equal(
            ("MC1006", 2, 3), ("MC2003", 3, 5), ("MC2003", 4, 2), ("MC1005", 5, 9));
        findings[0].ToString().Should().Be(
            $"{_folder.PathOf("main.txt")}(2,3): error MC1006: torch is not proven to be the CPU build. {AuditRules.TorchNotProven.Cure}");
    }

    [Fact]
    public void Audit_Credentials_StayOutOfTheReport()
    {
        _folder.Variables["TOKEN"] = "secret1";
        _folder.Write("main.txt", """
            --extra-index-url https://me:${TOKEN}@download.pytorch.org/whl/cu121?key=secret2#secret3
            torch @ https://me:secret4@h/whl/cu121/torch-2.4.0-cp311-cp311-linux_x86_64.whl?secret5
            -e git+https://secret6@h/r.git#egg=mine
            -r https://me:sec#ret7@h/r.txt
            name @ git+https://me:secret8@h/r.git
            --index-url:https://me:secret9@h/simple
            """);

        var findings = _folder.Audit("main.txt").Findings;

        findings.Should().HaveCount(6);
        string.Join("\n", findings).Should().NotContainAny("secret", "ret7").And.Contain("https://h/r.txt");
    }

    [Fact]
    public void Audit_Files_AreAllThatTheVerdictDependsOn()
    {
        _folder.Write("main.txt", "-r a/b.txt\n-r missing.txt\n-r a/b.txt\n-r https://h/x.txt\n");
        _folder.Write("a/b.txt", "-c ../c.txt");
        _folder.Write("c.txt", "");

        _folder.Audit("main.txt").Files.Select(_folder.NameOf).Should().Equal("main.txt", "a/b.txt", "c.txt", "missing.txt");
    }

    [Fact]
    public void Audit_FileIsMissing_IsAnErrorOfTheFile()
    {
        var finding = _folder.Audit("none.txt").Findings.Should().ContainSingle().Subject;

        finding.ToString().Should().StartWith($"{_folder.PathOf("none.txt")}: error MC1009: The file cannot be read: ");
    }

    [Fact]
    public void Audit_FilesThatIncludeEachOtherTwice_Ends()
    {
        for (var i = 0; i < 30; i++)
        {
            _folder.Write($"{i}.txt", $"-r {i + 1}.txt\n-r {i + 1}.txt\n");
        }

        _folder.Write("30.txt", "numpy");

        var result = _folder.Audit("0.txt");

        result.Findings.Should().NotBeEmpty().And.OnlyContain(f => f.Rule == AuditRules.Unreadable && f.Evidence.Contains("1000 files"));
        result.Files.Should().HaveCount(31);
    }

    [Theory]
    [InlineData("3.8", "MC1001")]
    [InlineData("3.9", "")]
    [InlineData("3.9.1", "")]
    public void Audit_OtherPython_ChangesWhatCounts(string python, string expected)
    {
        _folder.Write("main.txt", "triton; python_version < '3.9'");

        string.Join(" ", _folder.Audit("main.txt", python).Findings.Select(f => f.Rule.Id)).Should().Be(expected);
    }

    [Theory]
    [InlineData("utf-8", true, "")]
    [InlineData("utf-16", true, "")]
    [InlineData("utf-16BE", true, "")]
    [InlineData("utf-32BE", true, "")]
    [InlineData("utf-8", false, "")]
    [InlineData("iso-8859-1", false, "# -*- coding: latin-1 -*-\n")]
    [InlineData("iso-8859-1", false, "#!x\n# vim: set fileencoding=iso-8859-1 :\n")]
    [InlineData("iso-8859-1", false, "")]
    [InlineData("utf-16", false, "# coding: utf-16\n")]
    public void Audit_Encoding_IsReadAsPipReadsIt(string encoding, bool hasMark, string head)
    {
        var text = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. hasMark ? text.GetPreamble() : [], .. text.GetBytes(head + "# ärger\ntriton\n")];
        _folder.Write("main.txt", bytes);

        // The comment that declares UTF-16 is in UTF-16 itself, so that neither pip nor this can read it.
        var isReadable = encoding != "utf-16" || hasMark;
        _folder.Audit("main.txt").Findings.Any(f => f.Rule == AuditRules.GpuPackage).Should().Be(isReadable);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("three")]
    [InlineData("3.11.x")]
    [InlineData("3.11.1.1")]
    [InlineData("")]
    public void TryCreate_NoVersionOfPython_IsRefused(string version) => TargetEnvironment.TryCreate(version).Should().BeNull();

    [Fact]
    public void Docs_Table_IsThatOfTheCode()
    {
        var table = File.ReadLines(Repository.PathOf("docs/cpu-only-audit.md")).Where(l => l.StartsWith("| `MC", StringComparison.Ordinal));

        table.Should().Equal(AuditRules.All.Select(r =>
            $"| `{r.Id}` | {(r.Severity == AuditSeverity.Error ? "error" : "warning")} | {r.Found} | {r.Cure} |"));
    }

    public void Dispose() => _folder.Dispose();
}
